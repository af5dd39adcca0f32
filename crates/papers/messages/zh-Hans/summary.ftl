## 终端上的当日小结。

summary-cutoff = 数据截至{ $time }
summary-found = 发现
summary-moved = 转运
summary-placed = 追踪
summary-held = 管控
summary-cared = 保障
summary-tests = 检测
summary-books = 台账
summary-checks = 核对

summary-new = 确诊{ $confirmed }，无症状{ $asymptomatic }；转确诊{ $converted }；待诊断{ $awaiting }
summary-community = 社会面发现{ $count }例（占新增感染者{ $whole }例的{ $share }）
summary-community-alone = 社会面发现：{ $count }
summary-flow-moved = 已转运收治{ $ended }；待转运{ $open }，超时{ $overdue }
summary-flow-placed = 已隔离密接{ $ended }；待隔离{ $open }，超时{ $overdue }
summary-flow-areas = 风险区：划定{ $begun }，解除{ $ended }，现存{ $open }，到期未解除{ $overdue }
summary-flow-orders = 人员管控：新增{ $begun }，解除{ $ended }，现存{ $open }，到期未解除{ $overdue }
summary-flow-requests = 居民诉求：受理{ $begun }，办结{ $ended }，未结{ $open }，超时{ $overdue }
summary-care = 在院{ $in_care }；重型{ $severe }，危重型{ $critical }；出院{ $recovered }，死亡{ $died }
summary-beds = 床位：空闲{ $free }／共{ $total }；占用{ $occupied }（{ $share }），预留{ $held }
summary-unknown = { $name }：暂无数据
summary-tubes = 采样{ $tubes }管、{ $people }人次；出结果{ $resulted }管，阳性{ $positive }管
summary-turnaround = 出结果中位时间：{ $time }；更正结果：{ $corrections }
summary-books-balance = 平衡，全部{ $count }项清单相符
summary-books-differ = 不平衡：{ $list }
summary-checks-line = 相符{ $agree }项，不符{ $differ }项，分项暂无数据{ $unknown }项
summary-checks-differ = 不符：{ $list }

summary-open-title = 未办结事项（按责任方）：{ $count }
# A bulletin taken over from elsewhere has no books, so nobody knows what is open.
summary-open-unknown = 未办结事项（按责任方）：暂无数据
summary-column-owner = 责任方
summary-column-count = 未结
summary-column-oldest = 最久
summary-column-overdue = 超时
summary-column-work = 主要事项
summary-other-owners = 其余{ $count }个责任方
summary-owner = { $party }：{ $name }
