## 詞彙表中的術語。鍵 = 術語組前綴 + 術語的規範文字。

# 待辦事項。
worklist-deliver = 待送檢採樣管
worklist-test = 待檢測採樣管
worklist-recall = 混合檢測待單獨複核人員
worklist-clarify = 待核實的檢測結果
worklist-report = 待報告陽性
worklist-diagnose = 待診斷陽性人員
worklist-investigate = 待流行病學調查病例
worklist-move = 待轉送陽性人員
worklist-place = 待隔離密切接觸者
worklist-call = 待聯絡的車組與住戶
worklist-retest = 待檢測的管控人員
worklist-follow = 今日待隨訪的密接
worklist-release = 待解除的隔離管控
worklist-reopen = 待解除的風險區
worklist-clean = 待消毒床位
worklist-supply = 待配送物資的家庭
worklist-ask = 待問候的家庭
worklist-decide = 待決定的急救
worklist-help = 等待救助到位
worklist-treat = 到期的常規治療
worklist-answer = 待辦結的居民求助
worklist-review = 待複查的結果更正

# 四方責任。
party-division = 屬地
party-department = 部門
party-site = 單位
party-individual = 個人

movement-received = 新增
movement-completed = 辦結
movement-cancelled = 取消

classification-awaiting_diagnosis = 待診斷
classification-confirmed = 確診病例
classification-asymptomatic = 無症狀感染者
classification-converted = 無症狀感染者轉確診病例
classification-withdrawn = 已訂正排除

# 發現途徑。
origin-already_isolated = 隔離管控人員檢測發現
origin-key_person = 重點人員核酸檢測發現
origin-area_screening = 區域核酸檢測發現
origin-expanded_screening = 擴面核酸檢測發現
origin-community = 社區檢測發現
origin-entry = 外地抵達人員檢測發現

severity-asymptomatic = 無症狀
severity-mild = 輕症
severity-ordinary = 普通型
severity-severe = 重症
severity-critical = 危重症
severity-unknown = 不詳

level-city = 市
level-district = 區縣
level-reporting_unit = 單列報告單位
level-township = 街道（鄉鎮）
level-community = 社區（村）
level-grid = 網格

order-hospital = 住院（方艙）收治
order-central_isolation = 集中隔離
order-home_isolation = 居家隔離
order-home_monitoring = 居家健康監測
order-stay_for_retest = 原地等待複核
order-symptom_watch = 每日症狀監測
order-exclusion = 暫停上學或上班

order-state-active = 生效中
order-state-ended = 已結束
order-state-replaced = 已由新決定替代
order-state-withdrawn = 已撤銷
order-state-aside = 暫不執行

zone-unit-household = 戶
zone-unit-floor = 樓層
zone-unit-unit = 單元
zone-unit-building = 樓棟
zone-unit-compound = 住宅小區

zone-level-high = 高風險區
zone-level-medium = 中風險區
zone-level-low = 低風險區

plan-close = 密切接觸者
plan-secondary = 密切接觸者的密切接觸者
plan-area_stay = 高風險區停留人員
plan-medium_area_stay = 中風險區停留人員
plan-inbound = 入境人員
plan-post_leaver = 離開高風險崗位人員

destination-home = 居家
destination-designated_hospital = 定點醫院
destination-temporary_hospital = 方艙醫院
destination-isolation_site = 集中隔離點
destination-outside_city = 市外

exemption-central_isolation = 集中隔離中發現，未造成隔離點外傳播
exemption-home_isolation = 居家隔離中發現，未造成家庭外傳播
exemption-closed_loop = 閉環管理人員，閉環外無暴露
exemption-repositive = 出院後復陽，無傳播風險
exemption-inbound_high_ct = 入境人員既往感染

prophylaxis-vaccine = 疫苗
prophylaxis-immunoglobulin = 免疫球蛋白

# 解除前尚缺的條件。
still-needed-symptoms_relieved = 症狀好轉的記錄
still-needed-fever_free = 體溫正常的天數不足
still-needed-lungs_improved = 肺部好轉的記錄
still-needed-lesions_healed = 皮損癒合的記錄
still-needed-clean_tests = 連續陰性次數不足
still-needed-tests_further_apart = 陰性檢測的間隔不足
still-needed-later_tests = 起算日之後的陰性檢測
still-needed-onset_date = 發病日期
still-needed-more_days = 隔離天數不足

sex-female = 女
sex-male = 男
sex-unknown = 不詳

need-dialysis = 血液透析
need-chemotherapy = 化療
need-pregnancy = 孕婦
need-late_pregnancy = 臨產孕婦
need-infant = 嬰幼兒
need-wheelchair = 輪椅
need-stretcher = 擔架
need-oxygen = 吸氧
need-chronic_medicine = 長期用藥
need-psychiatric = 精神科照護
need-lives_alone = 獨居
need-carer = 需要陪護
need-interpreter = 需要翻譯
need-pet = 寵物需照顧

key-group-inbound_contact = 接觸入境人員或物品人員
key-group-isolation_staff = 集中隔離點工作人員
key-group-hospital_staff = 醫院工作人員
key-group-fever_clinic_staff = 發熱門診工作人員
key-group-courier = 快遞及外送人員
key-group-transport = 交通運輸從業人員
key-group-market = 市場從業人員
key-group-school = 學校師生員工
key-group-care_home = 養老機構人員
key-group-closed_loop = 閉環管理人員

known-yes = 是
known-no = 否
known-unknown = 不詳

presence-present = 在住地
presence-away = 外出
presence-exempt = 豁免檢測
presence-refused = 拒絕檢測
presence-unreachable = 聯繫不上
presence-tested_elsewhere = 已在他處檢測
presence-unknown = 不詳
presence-moved_in = 已遷入
presence-moved_out = 已遷出
list-source-police = 公安登記
list-source-property = 物業
list-source-employer = 用人單位
list-source-school = 學校
list-source-other = 其他名單
linked-same = 同一人
linked-ask = 待人工核對
linked-nobody = 名冊上無此人
identity-merge = 已合併
identity-split = 已撤銷合併
identity-distinct = 兩個人

purpose-isolation = 隔離管控人員
purpose-key_person = 重點人群
purpose-area_screening = 區域核酸檢測
purpose-expanded_screening = 擴面核酸檢測
purpose-community = 社區常規檢測
purpose-entry = 外地抵達人員
purpose-recall = 混合檢測人員單獨複核
round-state-planned = 已安排
round-state-open = 進行中
round-state-closed = 已結束
round-state-cancelled = 已取消
round-state-refused = 不符合規定
cover-resulted = 已採樣，已出結果
cover-waiting = 已採樣，等結果
cover-tested_elsewhere = 已在他處檢測
cover-exempt = 豁免檢測
cover-refused = 拒絕檢測
cover-away = 外出
cover-unreachable = 聯繫不上
cover-moved_out = 已遷出
cover-present = 在住地，尚未採樣
cover-unknown = 無人知曉

finding-negative = 陰性
finding-positive = 陽性
finding-inconclusive = 可疑
finding-invalid = 無效

version-P = 初步結果
version-F = 最終結果
version-C = 更正結果
version-W = 誤錄他人
version-D = 已刪除

contact-co_resident = 共同居住
contact-carer = 照護人員
contact-visitor = 探視人員
contact-aerosol_procedure = 產生氣溶膠的操作
contact-same_room = 同辦公室、同班級或同宿舍
contact-shared_space = 共同用餐、同乘電梯或同處密閉空間
contact-vehicle = 同乘交通工具
contact-environment = 接觸被污染環境
contact-direct = 直接身體接觸
contact-other = 其他接觸

tier-close = 密切接觸者
tier-secondary = 密切接觸者的密切接觸者
tier-area_stay = 風險區停留人員
circle-unit = 同單元住戶
circle-tube = 同管採樣
circle-trip = 同車轉運
circle-list = 同一名單
circle-place = 同時同地

facility-designated_hospital = 定點醫院
facility-temporary_hospital = 方艙醫院
facility-isolation_site = 集中隔離點
facility-outside_city = 市外場所

bed-free = 空閒
bed-held = 已預留
bed-occupied = 已佔用
bed-cleaning = 消毒中
bed-blocked = 停用
facility-phase-planned = 規劃中
facility-phase-building = 建設中
facility-phase-open = 開放
facility-phase-draining = 清空中
facility-phase-closed = 已關閉

bed-rule-any = 不限
bed-rule-female = 限女性
bed-rule-male = 限男性
bed-rule-family = 限家庭

ride-positive = 陽性人員
ride-contact = 密切接觸者

direction-pin = 已指定車輛或地點
direction-forbid = 已排除車輛或地點
direction-first = 優先轉運
direction-free = 交回計畫安排

transfer-requested = 待安排
transfer-booked = 已安排
transfer-underway = 轉送途中
transfer-admitted = 已收治
transfer-refused = 未接收
transfer-cancelled = 已取消

handover-picked_up = 已接走
handover-admitted = 已收治
handover-no_answer = 無人應門
handover-refused = 拒絕
handover-cannot_move = 無法轉送
handover-worse = 症狀加重
handover-handed_over = 車組已交接
handover-discharged = 已出院（出艙）
heard-lately = 近期有消息
heard-amber = 數分鐘無消息
heard-silent = 失聯
untaken-unknown = 該轉送不屬於本車。
untaken-state = 與轉送目前狀態不符。已通知調度與您聯絡。
untaken-other = 此前已以其他內容傳送。
untaken-row = 其中有無法讀取的內容。

request-emergency = 急救
request-dialysis = 血液透析
request-chemotherapy = 化療
request-labour = 分娩
request-medicine = 用藥
request-food = 食品
request-infant = 嬰幼兒用品
request-counselling = 心理援助
request-exit_blocked = 出口受阻
request-appeal = 申訴
request-dispute = 糾紛
request-information = 諮詢
request-other = 其他

supply-food_parcel = 食品包
supply-water = 飲用水
supply-infant_parcel = 嬰幼兒用品包
supply-medicine = 藥品
supply-hygiene = 衛生用品
supply-antigen_kit = 抗原檢測試劑
supply-waste_bags = 垃圾袋

account-active = 可以登入
account-disabled = 已停用

session-console = 工作臺
session-api = 系統介接

standing-enrol = 須綁定驗證器
standing-code = 須輸入驗證碼
standing-password = 須設定新密碼
standing-full = 已登入

session-end-signed_out = 已登出
session-end-rotated = 已換發新權杖
session-end-account_changed = 帳號有變更
session-end-duty_revoked = 職務已撤銷
session-end-ended = 已由管理員終止

ground-source_unclear = 傳染源和傳播鏈不清
ground-long_spread = 社區傳播時間較長

signal-turnaround = 出結果早於檢測所需時間
signal-run_before_receipt = 收樣前已上機
signal-before_run_end = 上機未結束即報結果
signal-no_run = 結果無上機批次
signal-polarity = 結論與Ct值不符
signal-internal_control = 陰性結果缺有效內參
signal-internal_control_copied = 內參值重複雷同
signal-internal_control_shift = 內參值偏移
signal-wells = 管數多於孔數
signal-ct_shift = 陽性Ct高於同類實驗室
signal-weak_missing = 缺少弱陽性
signal-positivity_low = 陽性率低於同類實驗室
signal-positivity_high = 陽性率高於同類實驗室
signal-positives_and_ct = 陽性率與Ct合併異常
signal-positivity_change = 陽性率隨時間突變
signal-lot_positivity = 試劑批號陽性率異常
signal-control_failed = 質控失敗仍報結果
signal-control_drift = 陽性質控漂移
signal-overwritten = 異常結果被陰性覆蓋
signal-throughput = 超出核定檢測能力

signal-level-look = 需核查
signal-level-alarm = 警報：暫停採信並核查
# Boxes of tubes.
box-state-packed = 在採樣點
box-state-underway = 途中
box-state-received = 已接收
box-state-differs = 接收有差異
box-state-lost = 遺失
box-step-sent = 送出
box-step-received = 接收
box-step-recounted = 複點
box-step-lost = 遺失
tube-state-packed = 在採樣點
tube-state-underway = 途中
tube-state-received = 已接收
tube-state-missing = 缺失
tube-state-broken = 破損
tube-word-found = 找到
tube-word-missing = 缺失
tube-word-broken = 破損
custody-doubt-count = 到達清點數與名單不符
custody-doubt-sent = 送出清點數與名單不符
custody-doubt-unsent = 未送出卻已接收
custody-doubt-twice = 重複送出或接收
custody-doubt-laboratory = 送到其他實驗室
custody-doubt-lost = 箱子遺失
custody-doubt-elsewhere = 採樣管出現在其他箱內
custody-doubt-two_boxes = 採樣管裝入兩個箱子
custody-doubt-empty = 採樣管沒有對應人員

follow-channel-phone = 電話
follow-channel-door = 上門
follow-channel-video = 視頻
follow-channel-self_report = 自行報告
follow-answer-reached = 已聯繫到
follow-answer-no_answer = 無人應答
follow-answer-away = 不在住處
follow-answer-refused = 不願接受詢問
follow-state-followed = 隨訪中
follow-state-symptoms = 有症狀、待檢測
follow-state-refused = 不願接受詢問
follow-state-missed = 連續兩天未聯繫到
follow-state-lost = 失訪：連續三天以上未聯繫到
follow-state-completed = 期滿、末日已聯繫
follow-state-unseen = 期滿、末日未聯繫到
follow-state-became_case = 轉為病例
follow-state-withdrawn = 暴露已撤銷
release-state-waits = 待解除
release-state-put_off = 因異議延後
release-state-released = 已解除
release-state-exposed = 另有暴露
search-state-asked = 待第二人批准
search-state-done = 已執行
search-state-refused = 已拒絕
search-state-deleted = 已刪除
extension-wider = 擴大
extension-longer = 延長
extension-state-asked = 待市級決定
extension-state-approved = 已批准
extension-state-refused = 已拒絕
appeal-on-order = 管控措施
appeal-on-area = 風險區
appeal-way-phone = 電話
appeal-way-page = 網頁
appeal-way-paper = 書面
appeal-way-door = 上門
appeal-state-open = 待決定
appeal-state-upheld = 申訴成立
appeal-state-dismissed = 已駁回
unbacked-not_positive = 無有效陽性結果
unbacked-withheld = 結果暫停採信
unbacked-not_received = 實驗室未清點接收該管
unbacked-by_hand = 結果並非由實驗室提供

gap-no_serial_interval = 現行規則未規定代際間隔
gap-no_cases = 期間無病例
gap-too_few = 病例過少
gap-too_short = 天數過少
gap-not_told = 無人報告
gap-refused = 方法不適用於這些資料
delay-step-onset_to_found = 症狀至發現
delay-step-sample_to_found = 採樣至結果
delay-step-request_to_pickup = 申請至上車
delay-step-request_to_admission = 申請至入院
clearing-clear = 已清零
clearing-waiting = 僅待滿天數
clearing-unsettled = 有陽性管待複核
clearing-no_rule = 規則未規定天數
tier-rung-community = 社區
tier-rung-district = 已呼叫區縣
tier-rung-city = 已呼叫全市指揮
help-ambulance = 救護車
help-brought = 立即送醫
help-visit = 醫生上門
step-taken = 接手
step-decided = 已決定
step-accepted = 醫院同意接收
step-way_out = 出樓通道
step-vehicle = 車輛
step-escort = 陪同人
step-departed = 已出發
step-refused = 被拒絕
step-helped = 已得到救助
step-stood_down = 不再需要
step-confirmed = 本人已確認
ticket-state-waiting = 無人決定
ticket-state-underway = 救助進行中
ticket-state-ended = 已結束
treat-state-due = 尚未安排
treat-state-arranged = 已安排
treat-state-done = 已完成
treat-state-declined = 本人不願
treat-state-freed = 已解除限制
stock-enough = 充足
stock-low = 不足兩天
stock-out = 已用完
