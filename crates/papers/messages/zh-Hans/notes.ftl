## 核对项目、说明与交接环节：随数据而来的键。

check-sum-by-route-confirmed = 确诊病例：各发现途径之和
check-sum-by-route-asymptomatic = 无症状感染者：各发现途径之和
check-sum-by-unit-confirmed = 确诊病例：各区县之和
check-sum-by-unit-asymptomatic = 无症状感染者：各区县之和
check-converted-by-route = 转确诊病例：与发现途径所列一致
check-total-reported = 报告总数 = 确诊病例 + 无症状感染者
check-new-infections-without-converted = 新增感染者 = 报告总数 − 转确诊
check-books-balance = 各工作清单期末数
check-hops-reconcile = 移交 = 接收 + 列名未到

note-day = 一日指本市时间0时至24时。
note-routes-not-published = 来源未公布病例的发现途径。
note-districts-not-published = 尚未录入各区县和报告单位的数字。
note-districts-confirmed-incomplete = 部分区县的确诊病例数不详，无法核对合计。
note-districts-asymptomatic-incomplete = 部分区县的无症状感染者数不详，无法核对合计。
note-figures-incomplete = 当日部分数字未公布。
note-figures-derived = 部分数字由整理者根据其他数字推算。
note-reporting-units-inside-districts = 开发区与其所在区县并列报告。名册只按区县登记住址，其数字含在所在区县内。
note-books = 全部数据均由当日已签核台账统计得出。
note-published = 数据照录自已发布的通报，未重新统计。
note-converted = 此前已通报的无症状感染者转为确诊病例的，只计入确诊病例一次，不属于新增感染者。
note-community = “社会面发现”指被发现时未处于隔离或健康监测状态，也不是外地抵达人员。
note-awaiting = 检测阳性、尚待诊断的人员未计入新增。
note-positivity = 阳性管占比不等于人群阳性率：一管可能含多人样本。
note-turnaround = 出结果时间自采样管封管起，至最终结果发布止。
note-beds = 已预留床位供转运途中人员使用，不计入空闲。
note-contacts-declared = 密切接触者限于申报的或依法留存的记录中载明的人员。
note-made-up = 本通报中的人员、地址和数据均为虚构。

hop-tubes-collected-delivered = 采样管：已采与已送达
hop-tubes-counted-resulted = 采样管：已清点与已检
hop-tubes-delivered-counted = 采样管：已送达与已清点
hop-pools-members-resolved = 阳性混管：人员与复核
hop-positives-found-moved = 阳性：检出与转运
hop-positives-reported-move = 阳性：报告与列入转运
hop-contacts-listed-placed = 密切接触者：判定与隔离
hop-people-sent-back = 市外转运人员：送出与返回
hop-households-owed-delivered = 物资：应送与已送
hop-requests-received-answered = 诉求：受理与答复
note-small-cells = 各区社会面发现数为1至10的不列出，并同时隐去相关数字以防推算；全市合计准确。
check-stock-awaiting = 在院待诊断 = 前日在院 + 新增 − 已诊断 − 离院
check-stock-confirmed = 在院确诊 = 前日在院 + 新增 − 出院 − 死亡 ± 类别变更
check-stock-asymptomatic = 在院无症状 = 前日在院 + 新增 − 出院 − 死亡 ± 类别变更
check-sum-by-class-in-care = 在院人数按类别之和
note-stock = 在院人员逐例与前一日通报核对。“其他”指撤销的病例，以及查明属于同一人的两例。
