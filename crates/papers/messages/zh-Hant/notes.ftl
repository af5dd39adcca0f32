## 核對項目、說明與交接環節：隨數據而來的鍵。

check-sum-by-route-confirmed = 確診病例按發現途徑合計
check-sum-by-route-asymptomatic = 無症狀感染者按發現途徑合計
check-sum-by-unit-confirmed = 確診病例按區縣合計
check-sum-by-unit-asymptomatic = 無症狀感染者按區縣合計
check-sum-by-unit-awaiting = 待診斷人員按區縣合計
check-converted-counted-once = 轉確診病例只計一次
check-stock-in-care = 在院數 = 前一日在院 + 新增 − 出院 − 死亡
check-books-balance = 各清單期末數
check-hops-reconcile = 移交數 = 接收數 + 列名缺失數
check-beds = 床位數 = 佔用 + 預留 + 空閒 + 不可用
check-tubes = 接收管數 = 已出結果 + 未出結果
check-chain-of-days = 期初數 = 前一日期末數

note-day = 一日指本市時間0時至24時。
note-books = 全部數據均由當日已簽核賬冊統計得出。
note-published = 數據照錄自已發布的通報，未重新統計。
note-converted = 此前已通報的無症狀感染者轉為確診病例的，只計入確診病例一次，不屬於新增感染者。
note-community = 「社區發現」指被發現時並未處於隔離或健康監測狀態。
note-awaiting = 檢測陽性、尚待診斷的人員未計入新增。
note-routes-confirmed-only = 來源僅公布了確診病例的發現途徑。
note-units-not-given = 各區縣及報告單位的數據未錄入。
note-positivity = 陽性管佔比不等於人群陽性率：一管可能含多人樣本。
note-turnaround = 出結果時間自採樣管封管起，至最終結果發布止。
note-beds = 已預留床位供轉送途中人員使用，不計入空閒。
note-contacts-declared = 密切接觸者限於申報的或依法留存的記錄中載明的人員。
note-corrections = 此前通報之後更正的結果計入今日數據，已發布的通報不作改動。
note-late-close = 當日結賬晚於統計截止時間，其後收到的數據計入次日。
note-preliminary = 部分檢測結果仍為初步結果。
note-recovered-partial = 僅掌握部分場所的出院（出艙）數據。
note-made-up = 本通報中的人員、地址和數據均為虛構。

hop-tubes-collected-sent = 採樣管：已採與已送
hop-tubes-sent-received = 採樣管：已送與已收
hop-tubes-received-resulted = 採樣管：已收與已檢
hop-positives-resulted-reported = 陽性：檢出與報告
hop-positives-reported-diagnosed = 陽性：報告與診斷
hop-positives-reported-moved = 陽性：報告與轉送
hop-cases-diagnosed-investigated = 病例：診斷與流行病學調查
hop-contacts-listed-placed = 密切接觸者：判定與隔離
hop-pools-positive-resolved = 混合檢測：陽性與複核
