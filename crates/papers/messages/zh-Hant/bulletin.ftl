## 通報頁面與檔案，以及各類文件共用的文字。

not-known = 暫無數據
list-separator = 、
gaps-separator = ；
# 段落中兩句之間。
sentence-gap = {""}

date-long = { $year }年{ $month }月{ $day }日（{ $weekday }）
moment-local = { $date }{ $time }
moment-utc = 協調世界時 { $time }
weekday-mon = 星期一
weekday-tue = 星期二
weekday-wed = 星期三
weekday-thu = 星期四
weekday-fri = 星期五
weekday-sat = 星期六
weekday-sun = 星期日
month-1 = 1
month-2 = 2
month-3 = 3
month-4 = 4
month-5 = 5
month-6 = 6
month-7 = 7
month-8 = 8
month-9 = 9
month-10 = 10
month-11 = 11
month-12 = 12
duration-minutes = { $minutes }分鐘
duration-hours = { $hours }小時
duration-hours-minutes = { $hours }小時{ $minutes }分鐘
duration-days = { $days }天
duration-days-hours = { $days }天{ $hours }小時

pack-with-version = { $name }（版本 { $version }）

## 頁首。

page-title = { $city }疫情通報，{ $date }
page-kind = 每日疫情通報
document-title = { $city } { $date }
document-page = 第{ $n }頁，共{ $all }頁
# Between a name and what is said of it.
document-colon = ：
cutoff = 數據截至
protocol = 執行方案
source = 數據來源
source-books = 當日已簽核賬冊
source-published = 轉錄自已發布的通報
notice = 演練。
notice-differs = 部分數據核對不符。
notice-differs-about = 使用數據前，請先查看「當日賬冊」和「數據核對」。

lead-new = 當日0—24時，新增確診病例{ $confirmed }例、無症狀感染者{ $asymptomatic }例。
lead-converted = 新增確診病例中，{ $count }例為此前已通報的無症狀感染者轉為確診病例。
lead-community = 新增感染者{ $whole }例，其中社區發現{ $count }例，佔{ $share }。
lead-moved = 當日轉送收治陽性人員{ $moved }人，截至統計時仍有{ $open }人待轉送。
lead-moved-all = 當日轉送收治陽性人員{ $moved }人，無人待轉送。

headline-title = 當日概況
figure-confirmed = 新增確診病例
figure-asymptomatic = 新增無症狀感染者
figure-community = 社區發現
figure-moved = 當日轉送收治
figure-converted = 其中{ $count }例由無症狀感染者轉為確診
figure-awaiting = 另有{ $count }名陽性人員待診斷
figure-share = 佔新增感染者{ $whole }例的{ $share }
figure-waiting = 仍有{ $open }人待轉送，其中{ $overdue }人已超時
figure-nobody-waits = 無人待轉送

## 表格。

column-confirmed = 確診病例
column-asymptomatic = 無症狀感染者
column-both = 合計
column-awaiting = 待診斷
sum-of-lines = 各項之和
reported-total = 通報總數

routes-title = 發現途徑
routes-caption = 按發現途徑統計的新增病例。
column-route = 發現途徑
route-converted = 無症狀感染者轉確診病例
routes-asymptomatic-unknown = 無症狀感染者的發現途徑：暫無數據。

units-title = 各區縣及報告單位新增情況
units-caption = 按新增數由多到少排列。
column-unit = 區縣或報告單位
units-asymptomatic-unknown = 各區縣無症狀感染者數：暫無數據。
units-without = { $count }個區縣或單位無新增：{ $list }。

care-title = 救治情況
care-in-care = 在院治療和觀察
care-severe = 其中重症
care-critical = 其中危重症
care-recovered = 當日出院（出艙）
care-died = 當日死亡

stock-title = 在院人數的變化
stock-caption = 前日在院 + 新增 + 轉入 − 轉出 − 出院 − 死亡 ± 其他 = 現在在院；現在在院人數逐例清點。
column-stock = 類別
column-stock-new = +{"\u00A0"}新增
column-stock-into = +{"\u00A0"}轉入
column-stock-out-of = −{"\u00A0"}轉出
column-stock-recovered = −{"\u00A0"}出院
column-stock-died = −{"\u00A0"}死亡
column-stock-other = ±{"\u00A0"}其他
column-stock-open = ={"\u00A0"}現在在院

beds-title = 床位
beds-caption = 截至統計時已啟用的床位。「已預留」指為轉送途中人員保留的床位。
beds-sum = 合計
column-facility = 場所類別
column-beds = 床位數
column-occupied = 已佔用
column-held = 已預留
column-free = 空閒
column-out-of-use = 不可用
column-occupancy = 使用率

tests-title = 核酸檢測
tests-tubes = 採樣管數
tests-sampled = 採樣人次
tests-resulted = 已出最終結果管數
tests-positive = 陽性管數
tests-positivity = 佔已出結果的{ $share }
tests-turnaround = 採樣至出結果的中位時間
tests-corrections = 更正的檢測結果

flows-title = 轉送、隔離與服務保障
flows-caption = 日初未完成、當日新增、當日完成及現存數量。
column-flow = 事項
column-before = 日初
column-begun = 新增
column-ended = 完成
column-open = 現存
column-overdue = 超時
flow-moved = 陽性人員轉送收治
flow-placed = 密切接觸者隔離
flow-areas = 風險區
flow-orders = 人員隔離管控
flow-requests = 居民求助

books-title = 當日賬冊
books-caption = 期初 + 新增 − 辦結 − 取消 = 期末；期末數按事項逐件清點。
column-worklist = 事項清單
column-opening = 期初
column-received = +{"\u00A0"}新增
column-completed = −{"\u00A0"}辦結
column-cancelled = −{"\u00A0"}取消
column-closing = ={"\u00A0"}期末
column-balance = 核對
books-all-balance = 全部{ $count }項清單賬目平衡。
books-some-differ = { $whole }項清單中有{ $count }項不平衡。

checks-title = 數據核對
checks-caption = 通報發布前必須成立的等式。
column-check = 核對項目
column-total = 總數
column-parts = 分項之和
column-result = 結果
sign-agrees = ✓ 相符
sign-differs = ✗ 不符，相差{ $by }
# 合計相符，但組成合計的各行不符。
sign-differs-inside = ✗ 分項不符
sign-unknown = ? 分項暫無數據

## 頁尾。

notes-title = 統計說明與數據缺口
gaps-list = 當日暫無數據：{ $list }。
signature-title = 當日結賬簽章
signature-about = 本簽章由當日全部事件及前一日簽章計算得出，事後任何改動都會使簽章改變。
sources-title = 發布來源
footer-unknown = 沒有掌握的數據，本通報註明「暫無數據」，絕不以0代替。

## 僅用於CSV檔案的名稱。

csv-date = 日期
csv-city = 城市
csv-new-infections = 新增感染者（不含轉確診病例）
csv-note = 說明
csv-source = 發布來源
csv-signature = 當日結賬簽章
csv-turnaround = 採樣至出結果的中位分鐘數
csv-opening = 期初
csv-received = 新增
csv-completed = 辦結
csv-cancelled = 取消
csv-closing = 期末
csv-label = { $name }：{ $part }
column-community = 社會面
hidden-small = 不列出
