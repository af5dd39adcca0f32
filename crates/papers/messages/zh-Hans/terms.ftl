## 词汇表中的术语。键 = 术语组前缀 + 术语的规范文本。

# 待办事项。
worklist-deliver = 待送检采样管
worklist-test = 待检测采样管
worklist-recall = 待单管复核的混管人员
worklist-clarify = 待核实的检测结果
worklist-report = 待报告阳性
worklist-diagnose = 待诊断阳性人员
worklist-investigate = 待流调病例
worklist-move = 待转运阳性人员
worklist-place = 待隔离密切接触者
worklist-call = 待联系的车组与住户
worklist-retest = 待检测的管控人员
worklist-follow = 今日待随访的密接
worklist-release = 待解除的隔离管控
worklist-reopen = 待解除的风险区
worklist-clean = 待消毒床位
worklist-supply = 待配送物资的家庭
worklist-ask = 待问候的家庭
worklist-decide = 待决定的急救
worklist-help = 等待救助到位
worklist-treat = 到期的常规治疗
worklist-answer = 待办结的居民诉求
worklist-review = 待复查的结果更正

# 四方责任。
party-division = 属地
party-department = 部门
party-site = 单位
party-individual = 个人

movement-received = 新增
movement-completed = 办结
movement-cancelled = 取消

classification-awaiting_diagnosis = 待诊断
classification-confirmed = 确诊病例
classification-asymptomatic = 无症状感染者
classification-converted = 无症状感染者转确诊病例
classification-withdrawn = 已订正排除

# 发现途径。
origin-already_isolated = 隔离管控人员检测发现
origin-key_person = 重点人员核酸检测发现
origin-area_screening = 区域核酸检测发现
origin-expanded_screening = 扩面核酸检测发现
origin-community = 社会面检测发现
origin-entry = 外地抵达人员检测发现

severity-asymptomatic = 无症状
severity-mild = 轻型
severity-ordinary = 普通型
severity-severe = 重型
severity-critical = 危重型
severity-unknown = 不详

level-city = 市
level-district = 区县
level-reporting_unit = 单列报告单位
level-township = 街道（乡镇）
level-community = 社区（村）
level-grid = 网格

order-hospital = 住院（方舱）收治
order-central_isolation = 集中隔离
order-home_isolation = 居家隔离
order-home_monitoring = 居家健康监测
order-stay_for_retest = 原地等待复核
order-symptom_watch = 每日症状监测
order-exclusion = 暂停上学或上班

order-state-active = 生效中
order-state-ended = 已结束
order-state-replaced = 已由新决定替代
order-state-withdrawn = 已撤销
order-state-aside = 暂不执行

zone-unit-household = 户
zone-unit-floor = 楼层
zone-unit-unit = 单元
zone-unit-building = 楼栋
zone-unit-compound = 小区

zone-level-high = 高风险区
zone-level-medium = 中风险区
zone-level-low = 低风险区

plan-close = 密切接触者
plan-secondary = 密切接触者的密切接触者
plan-area_stay = 高风险区旅居人员
plan-medium_area_stay = 中风险区旅居人员
plan-inbound = 入境人员
plan-post_leaver = 离开高风险岗位人员

destination-home = 居家
destination-designated_hospital = 定点医院
destination-temporary_hospital = 方舱医院
destination-isolation_site = 集中隔离点
destination-outside_city = 市外

exemption-central_isolation = 集中隔离中发现，未造成隔离点外传播
exemption-home_isolation = 居家隔离中发现，未造成家庭外传播
exemption-closed_loop = 闭环管理人员，闭环外无暴露
exemption-repositive = 出院后复阳，无传播风险
exemption-inbound_high_ct = 入境人员既往感染

prophylaxis-vaccine = 疫苗
prophylaxis-immunoglobulin = 免疫球蛋白

# 解除前尚缺的条件。
still-needed-symptoms_relieved = 症状好转的记录
still-needed-fever_free = 体温正常的天数不足
still-needed-lungs_improved = 肺部好转的记录
still-needed-lesions_healed = 皮损愈合的记录
still-needed-clean_tests = 连续阴性次数不足
still-needed-tests_further_apart = 阴性检测的间隔不足
still-needed-later_tests = 起算日之后的阴性检测
still-needed-onset_date = 发病日期
still-needed-more_days = 隔离天数不足

sex-female = 女
sex-male = 男
sex-unknown = 不详

need-dialysis = 血液透析
need-chemotherapy = 化疗
need-pregnancy = 孕妇
need-late_pregnancy = 临产孕妇
need-infant = 婴幼儿
need-wheelchair = 轮椅
need-stretcher = 担架
need-oxygen = 吸氧
need-chronic_medicine = 长期用药
need-psychiatric = 精神科照护
need-lives_alone = 独居
need-carer = 需要陪护
need-interpreter = 需要翻译
need-pet = 宠物需照看

key-group-inbound_contact = 接触入境人员或物品人员
key-group-isolation_staff = 集中隔离点工作人员
key-group-hospital_staff = 医院工作人员
key-group-fever_clinic_staff = 发热门诊工作人员
key-group-courier = 快递外卖人员
key-group-transport = 交通运输从业人员
key-group-market = 市场从业人员
key-group-school = 学校师生员工
key-group-care_home = 养老机构人员
key-group-closed_loop = 闭环管理人员

known-yes = 是
known-no = 否
known-unknown = 不详

presence-present = 在住地
presence-away = 外出
presence-exempt = 免检
presence-refused = 拒检
presence-unreachable = 联系不上
presence-tested_elsewhere = 已在他处检测
presence-unknown = 不详
presence-moved_in = 已迁入
presence-moved_out = 已迁出
list-source-police = 公安登记
list-source-property = 物业
list-source-employer = 用人单位
list-source-school = 学校
list-source-other = 其他名单
linked-same = 同一人
linked-ask = 待人工核对
linked-nobody = 名册上无此人
identity-merge = 已合并
identity-split = 已撤销合并
identity-distinct = 两个人

purpose-isolation = 隔离管控人员
purpose-key_person = 重点人群
purpose-area_screening = 区域核酸检测
purpose-expanded_screening = 扩面核酸检测
purpose-community = 社会面常规检测
purpose-entry = 外地抵达人员
purpose-recall = 混管人员单管复核
round-state-planned = 已安排
round-state-open = 进行中
round-state-closed = 已结束
round-state-cancelled = 已取消
round-state-refused = 不符合规定
cover-resulted = 已采样，已出结果
cover-waiting = 已采样，等结果
cover-tested_elsewhere = 已在他处检测
cover-exempt = 免检
cover-refused = 拒检
cover-away = 外出
cover-unreachable = 联系不上
cover-moved_out = 已迁出
cover-present = 在住地，尚未采样
cover-unknown = 无人知晓

finding-negative = 阴性
finding-positive = 阳性
finding-inconclusive = 可疑
finding-invalid = 无效

version-P = 初步结果
version-F = 最终结果
version-C = 更正结果
version-W = 误录他人
version-D = 已删除

contact-co_resident = 共同居住
contact-carer = 照护人员
contact-visitor = 探视人员
contact-aerosol_procedure = 产生气溶胶的操作
contact-same_room = 同办公室、同班级或同宿舍
contact-shared_space = 共同用餐、同乘电梯或同处密闭空间
contact-vehicle = 同乘交通工具
contact-environment = 接触被污染环境
contact-direct = 直接身体接触
contact-other = 其他接触

tier-close = 密切接触者
tier-secondary = 密切接触者的密切接触者
tier-area_stay = 风险区旅居人员
circle-unit = 同单元住户
circle-tube = 同管采样
circle-trip = 同车转运
circle-list = 同一名单
circle-place = 同时同地

facility-designated_hospital = 定点医院
facility-temporary_hospital = 方舱医院
facility-isolation_site = 集中隔离点
facility-outside_city = 市外场所

bed-free = 空闲
bed-held = 已预留
bed-occupied = 已占用
bed-cleaning = 消毒中
bed-blocked = 停用
facility-phase-planned = 规划中
facility-phase-building = 建设中
facility-phase-open = 开放
facility-phase-draining = 清空中
facility-phase-closed = 已关闭

bed-rule-any = 不限
bed-rule-female = 限女性
bed-rule-male = 限男性
bed-rule-family = 限家庭

ride-positive = 阳性人员
ride-contact = 密切接触者

direction-pin = 已指定车辆或地点
direction-forbid = 已排除车辆或地点
direction-first = 优先转运
direction-free = 交回计划安排

transfer-requested = 待安排
transfer-booked = 已安排
transfer-underway = 转运途中
transfer-admitted = 已收治
transfer-refused = 未接收
transfer-cancelled = 已取消

handover-picked_up = 已接走
handover-admitted = 已收治
handover-no_answer = 无人应门
handover-refused = 拒绝
handover-cannot_move = 无法转运
handover-worse = 症状加重
handover-handed_over = 车组已交接
handover-discharged = 已出院（出舱）
heard-lately = 近期有消息
heard-amber = 数分钟无消息
heard-silent = 失联
untaken-unknown = 该转运不属于本车。
untaken-state = 与转运目前状态不符。已通知调度与您联系。
untaken-other = 此前已以其他内容发送。
untaken-row = 其中有无法读取的内容。

request-emergency = 急救
request-dialysis = 血液透析
request-chemotherapy = 化疗
request-labour = 分娩
request-medicine = 用药
request-food = 食品
request-infant = 婴幼儿用品
request-counselling = 心理援助
request-exit_blocked = 出口受阻
request-appeal = 申诉
request-dispute = 纠纷
request-information = 咨询
request-other = 其他

supply-food_parcel = 食品包
supply-water = 饮用水
supply-infant_parcel = 婴幼儿用品包
supply-medicine = 药品
supply-hygiene = 卫生用品
supply-antigen_kit = 抗原检测试剂盒
supply-waste_bags = 垃圾袋

account-active = 可以登录
account-disabled = 已停用

session-console = 工作台
session-api = 系统对接

standing-enrol = 须绑定验证器
standing-code = 须输入验证码
standing-password = 须设置新密码
standing-full = 已登录

session-end-signed_out = 已退出
session-end-rotated = 已换发新令牌
session-end-account_changed = 账号有变更
session-end-duty_revoked = 岗位职责已撤销
session-end-ended = 已由管理员终止

ground-source_unclear = 传染源和传播链不清
ground-long_spread = 社区传播时间较长

signal-turnaround = 出结果早于检测所需时间
signal-run_before_receipt = 收样前已上机
signal-before_run_end = 上机未结束即报结果
signal-no_run = 结果无上机批次
signal-polarity = 结论与Ct值不符
signal-internal_control = 阴性结果缺有效内参
signal-internal_control_copied = 内参值重复雷同
signal-internal_control_shift = 内参值偏移
signal-wells = 管数多于孔数
signal-ct_shift = 阳性Ct高于同类实验室
signal-weak_missing = 缺少弱阳性
signal-positivity_low = 阳性率低于同类实验室
signal-positivity_high = 阳性率高于同类实验室
signal-positives_and_ct = 阳性率与Ct合并异常
signal-positivity_change = 阳性率随时间突变
signal-lot_positivity = 试剂批号阳性率异常
signal-control_failed = 质控失败仍报结果
signal-control_drift = 阳性质控漂移
signal-overwritten = 异常结果被阴性覆盖
signal-throughput = 超出核定检测能力

signal-level-look = 需核查
signal-level-alarm = 警报：暂停采信并核查
# Boxes of tubes.
box-state-packed = 在采样点
box-state-underway = 途中
box-state-received = 已接收
box-state-differs = 接收有差异
box-state-lost = 丢失
box-step-sent = 送出
box-step-received = 接收
box-step-recounted = 复点
box-step-lost = 丢失
tube-state-packed = 在采样点
tube-state-underway = 途中
tube-state-received = 已接收
tube-state-missing = 缺失
tube-state-broken = 破损
tube-word-found = 找到
tube-word-missing = 缺失
tube-word-broken = 破损
custody-doubt-count = 到达清点数与名单不符
custody-doubt-sent = 送出清点数与名单不符
custody-doubt-unsent = 未送出却已接收
custody-doubt-twice = 重复送出或接收
custody-doubt-laboratory = 送到其他实验室
custody-doubt-lost = 箱子丢失
custody-doubt-elsewhere = 采样管出现在其他箱内
custody-doubt-two_boxes = 采样管装入两个箱子
custody-doubt-empty = 采样管没有对应人员

follow-channel-phone = 电话
follow-channel-door = 上门
follow-channel-video = 视频
follow-channel-self_report = 自行报告
follow-answer-reached = 已联系到
follow-answer-no_answer = 无人应答
follow-answer-away = 不在住处
follow-answer-refused = 不愿接受询问
follow-state-followed = 随访中
follow-state-symptoms = 有症状、待检测
follow-state-refused = 不愿接受询问
follow-state-missed = 连续两天未联系到
follow-state-lost = 失访：连续三天以上未联系到
follow-state-completed = 期满、末日已联系
follow-state-unseen = 期满、末日未联系到
follow-state-became_case = 转为病例
follow-state-withdrawn = 暴露已撤销
release-state-waits = 待解除
release-state-put_off = 因异议推迟
release-state-released = 已解除
release-state-exposed = 另有暴露
search-state-asked = 待第二人批准
search-state-done = 已执行
search-state-refused = 已拒绝
search-state-deleted = 已删除
extension-wider = 扩大
extension-longer = 延长
extension-state-asked = 待市级决定
extension-state-approved = 已批准
extension-state-refused = 已拒绝
appeal-on-order = 管控措施
appeal-on-area = 风险区
appeal-way-phone = 电话
appeal-way-page = 网页
appeal-way-paper = 书面
appeal-way-door = 上门
appeal-state-open = 待决定
appeal-state-upheld = 申诉成立
appeal-state-dismissed = 已驳回
unbacked-not_positive = 无有效阳性结果
unbacked-withheld = 结果暂停采信
unbacked-not_received = 实验室未清点接收该管
unbacked-by_hand = 结果并非由实验室提供

gap-no_serial_interval = 现行规则未规定代际间隔
gap-no_cases = 期间无病例
gap-too_few = 病例过少
gap-too_short = 天数过少
gap-not_told = 无人报告
gap-refused = 方法不适用于这些数据
delay-step-onset_to_found = 症状至发现
delay-step-sample_to_found = 采样至结果
delay-step-request_to_pickup = 申请至上车
delay-step-request_to_admission = 申请至入院
clearing-clear = 已清零
clearing-waiting = 仅待满天数
clearing-unsettled = 有阳性管待复核
clearing-no_rule = 规则未规定天数
tier-rung-community = 社区
tier-rung-district = 已呼叫区县
tier-rung-city = 已呼叫全市指挥
help-ambulance = 救护车
help-brought = 立即送医
help-visit = 医生上门
step-taken = 接手
step-decided = 已决定
step-accepted = 医院同意接收
step-way_out = 出楼通道
step-vehicle = 车辆
step-escort = 陪同人
step-departed = 已出发
step-refused = 被拒绝
step-helped = 已得到救助
step-stood_down = 不再需要
step-confirmed = 本人已确认
ticket-state-waiting = 无人决定
ticket-state-underway = 救助进行中
ticket-state-ended = 已结束
treat-state-due = 尚未安排
treat-state-arranged = 已安排
treat-state-done = 已完成
treat-state-declined = 本人不愿
treat-state-freed = 已解除限制
stock-enough = 充足
stock-low = 不足两天
stock-out = 已用完
