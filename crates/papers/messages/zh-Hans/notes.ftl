## 核对项目、说明与交接环节：随数据而来的键。

check-sum-by-route-confirmed = 确诊病例按发现途径合计
check-sum-by-route-asymptomatic = 无症状感染者按发现途径合计
check-sum-by-unit-confirmed = 确诊病例按区县合计
check-sum-by-unit-asymptomatic = 无症状感染者按区县合计
check-sum-by-unit-awaiting = 待诊断人员按区县合计
check-converted-counted-once = 转确诊病例只计一次
check-stock-in-care = 在院数 = 前一日在院 + 新增 − 出院 − 死亡
check-books-balance = 各清单期末数
check-hops-reconcile = 移交数 = 接收数 + 列名缺失数
check-beds = 床位数 = 占用 + 预留 + 空闲 + 不可用
check-tubes = 接收管数 = 已出结果 + 未出结果
check-chain-of-days = 期初数 = 前一日期末数

note-day = 一日指本市时间0时至24时。
note-books = 全部数据均由当日已签核台账统计得出。
note-published = 数据照录自已发布的通报，未重新统计。
note-converted = 此前已通报的无症状感染者转为确诊病例的，只计入确诊病例一次，不属于新增感染者。
note-community = “社会面发现”指被发现时未处于隔离或健康监测状态。
note-awaiting = 检测阳性、尚待诊断的人员未计入新增。
note-routes-confirmed-only = 来源仅公布了确诊病例的发现途径。
note-units-not-given = 各区县及报告单位的数据未录入。
note-positivity = 阳性管占比不等于人群阳性率：一管可能含多人样本。
note-turnaround = 出结果时间自采样管封管起，至最终结果发布止。
note-beds = 已预留床位供转运途中人员使用，不计入空闲。
note-contacts-declared = 密切接触者限于申报的或依法留存的记录中载明的人员。
note-corrections = 此前通报之后更正的结果计入今日数据，已发布的通报不作改动。
note-late-close = 当日结账晚于统计截止时间，其后收到的数据计入次日。
note-preliminary = 部分检测结果仍为初步结果。
note-recovered-partial = 仅掌握部分场所的出院（出舱）数据。
note-made-up = 本通报中的人员、地址和数据均为虚构。

hop-tubes-collected-sent = 采样管：已采与已送
hop-tubes-sent-received = 采样管：已送与已收
hop-tubes-received-resulted = 采样管：已收与已检
hop-positives-resulted-reported = 阳性：检出与报告
hop-positives-reported-diagnosed = 阳性：报告与诊断
hop-positives-reported-moved = 阳性：报告与转运
hop-cases-diagnosed-investigated = 病例：诊断与流调
hop-contacts-listed-placed = 密切接触者：判定与隔离
hop-pools-positive-resolved = 混管：阳性与复核
