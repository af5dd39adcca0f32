## 終端上的當日小結。

summary-cutoff = 數據截至{ $time }
summary-found = 發現
summary-moved = 轉送
summary-placed = 追蹤
summary-held = 管控
summary-cared = 保障
summary-tests = 檢測
summary-books = 賬冊
summary-checks = 核對

summary-new = 確診{ $confirmed }，無症狀{ $asymptomatic }；轉確診{ $converted }；待診斷{ $awaiting }
summary-community = 社區發現{ $count }例（佔新增感染者{ $whole }例的{ $share }）
summary-community-alone = 社區發現：{ $count }
summary-flow-moved = 已轉送收治{ $ended }；待轉送{ $open }，超時{ $overdue }
summary-flow-placed = 已隔離密切接觸者{ $ended }；待隔離{ $open }，超時{ $overdue }
summary-flow-areas = 風險區：劃定{ $begun }，解除{ $ended }，現存{ $open }，到期未解除{ $overdue }
summary-flow-orders = 人員管控：新增{ $begun }，解除{ $ended }，現存{ $open }，到期未解除{ $overdue }
summary-flow-requests = 居民求助：受理{ $begun }，辦結{ $ended }，未結{ $open }，超時{ $overdue }
summary-care = 在院{ $in_care }；重症{ $severe }，危重症{ $critical }；出院{ $recovered }，死亡{ $died }
summary-beds = 床位：空閒{ $free }／共{ $total }；佔用{ $occupied }（{ $share }），預留{ $held }
summary-unknown = { $name }：暫無數據
summary-tubes = 採樣{ $tubes }管、{ $people }人次；出結果{ $resulted }管，陽性{ $positive }管
summary-turnaround = 出結果中位時間：{ $time }；更正結果：{ $corrections }
summary-books-balance = 平衡，全部{ $count }項清單相符
summary-books-differ = 不平衡：{ $list }
summary-checks-line = 相符{ $agree }項，不符{ $differ }項，分項暫無數據{ $unknown }項
summary-checks-differ = 不符：{ $list }

summary-open-title = 未辦結事項（按責任方）：{ $count }
# A bulletin taken over from elsewhere has no books, so nobody knows what is open.
summary-open-unknown = 未辦結事項（按責任方）：暫無數據
summary-column-owner = 責任方
summary-column-count = 未結
summary-column-oldest = 最久
summary-column-overdue = 超時
summary-column-work = 主要事項
summary-other-owners = 其餘{ $count }個責任方
summary-owner = { $party }：{ $name }
