## 核對項目、說明與交接環節：隨數據而來的鍵。

check-sum-by-route-confirmed = 確診病例：各發現途徑之和
check-sum-by-route-asymptomatic = 無症狀感染者：各發現途徑之和
check-sum-by-unit-confirmed = 確診病例：各區縣之和
check-sum-by-unit-asymptomatic = 無症狀感染者：各區縣之和
check-converted-by-route = 轉確診病例：與發現途徑所列一致
check-total-reported = 報告總數 = 確診病例 + 無症狀感染者
check-new-infections-without-converted = 新增感染者 = 報告總數 − 轉確診
check-books-balance = 各工作清單期末數
check-hops-reconcile = 移交 = 接收 + 列名未到

note-day = 一日指本市時間0時至24時。
note-routes-not-published = 來源未公布病例的發現途徑。
note-districts-not-published = 尚未錄入各區縣和報告單位的數字。
note-districts-confirmed-incomplete = 部分區縣的確診病例數不詳，無法核對合計。
note-districts-asymptomatic-incomplete = 部分區縣的無症狀感染者數不詳，無法核對合計。
note-figures-incomplete = 當日部分數字未公布。
note-figures-derived = 部分數字由整理者根據其他數字推算。
note-reporting-units-inside-districts = 開發區與其所在區縣並列報告。名冊只按區縣登記住址，其數字含在所在區縣內。
note-books = 全部數據均由當日已簽核賬冊統計得出。
note-published = 數據照錄自已發布的通報，未重新統計。
note-converted = 此前已通報的無症狀感染者轉為確診病例的，只計入確診病例一次，不屬於新增感染者。
note-community = 「社區發現」指被發現時並未處於隔離或健康監測狀態，也不是外地抵達人員。
note-awaiting = 檢測陽性、尚待診斷的人員未計入新增。
note-positivity = 陽性管佔比不等於人群陽性率：一管可能含多人樣本。
note-turnaround = 出結果時間自採樣管封管起，至最終結果發布止。
note-beds = 已預留床位供轉送途中人員使用，不計入空閒。
note-contacts-declared = 密切接觸者限於申報的或依法留存的記錄中載明的人員。
note-made-up = 本通報中的人員、地址和數據均為虛構。

hop-tubes-collected-delivered = 採樣管：已採與已送達
hop-tubes-counted-resulted = 採樣管：已清點與已檢
hop-tubes-delivered-counted = 採樣管：已送達與已清點
hop-pools-members-resolved = 陽性混合檢測：人員與複核
hop-positives-found-moved = 陽性：檢出與轉送
hop-positives-reported-move = 陽性：報告與列入轉送
hop-contacts-listed-placed = 密切接觸者：判定與隔離
hop-people-sent-back = 市外轉送人員：送出與返回
hop-households-owed-delivered = 物資：應送與已送
hop-requests-received-answered = 求助：受理與答覆
note-small-cells = 各區社會面發現數為1至10的不列出，並同時隱去相關數字以防推算；全市合計準確。
check-stock-awaiting = 在院待診斷 = 前日在院 + 新增 − 已診斷 − 離院
check-stock-confirmed = 在院確診 = 前日在院 + 新增 − 出院 − 死亡 ± 類別變更
check-stock-asymptomatic = 在院無症狀 = 前日在院 + 新增 − 出院 − 死亡 ± 類別變更
check-sum-by-class-in-care = 在院人數按類別之和
note-stock = 在院人員逐例與前一日通報核對。「其他」指撤銷的病例，以及查明屬於同一人的兩例。
