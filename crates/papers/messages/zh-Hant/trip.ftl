# 手機上的司機頁面，以及看板上關於在途車輛的說明。

trip-net-unknown = 正在尋找網絡……
trip-net-online = 已連線，上報內容即時傳送。
trip-net-offline = 沒有網絡。請繼續：上報內容保存在本機，稍後傳送。調度中心此時看不到車輛。
trip-net-left = 您已登出。請繼續：上報內容保存在本機，重新登入後傳送。
trip-net-door = 已連線。
trip-net-denied = 您的崗位沒有車輛。請切換崗位，或由司機登入。
trip-place-off = 本機不提供位置。調度中心知道車輛在途，但不知道在哪裏。
trip-open = 開啟無網絡也能用的頁面
trip-plain = 本頁需要腳本，才能在沒有網絡時運作。沒有腳本時，請使用任務頁面。
trip-door-said = 有網絡時登入一次，之後沒有網絡也能使用。
trip-as-of = 計劃截至 {$at}
trip-said = 任務 {$from} 至 {$to} · {$class}
trip-people = 此處接 {$count} 人
trip-next = 下一站
trip-later = 之後
trip-aboard = 車上人員
trip-to = 前往{$place}
trip-all-picked-up = 全部 {$count} 人已接走
trip-step-picked_up = 已接走
trip-step-no_answer = 無人應門
trip-step-refused = 拒絕
trip-step-cannot_move = 無法轉送
trip-step-wrong_address = 查無此人（地址有誤）
trip-home = 送回家：已無任何決定要求轉送
trip-step-worse = 症狀加重
trip-step-handed_over = 已交接
trip-sure-worse = 將立即登記急救。如有生命危險，請先撥打急救電話。
trip-note = 給調度的說明
trip-report = 上報
trip-back = 返回
trip-tried = 已上報：{$what}。已通知調度聯絡處理。請等候通知，或先去下一站。
trip-worse-told = 已上報：症狀加重。傳送後立即登記急救。
trip-none-said = 新任務一經安排即在此顯示。
trip-reported = {$what}：{$name}
trip-kept-count = 本機尚未傳送的上報：{$count}
trip-kept-foreign = 他人尚未傳送的上報：{$count}。在其本人登入前一直保存在本機，請通知本人。
trip-right-said = 這些上報與現在的計劃不符，伺服器未接收。已通知調度與您聯絡。
trip-right-report = {$what}：{$name}，{$at}
trip-right-drop-said = 此上報將從本機刪除。請在調度確認情況後再刪除。
trip-dropped = 已在本機放棄該上報
trip-more-kept = 本機保存：本車未結束的任務，含姓名、門牌和電話，因為沒有網絡時也需要；以及尚未傳送的上報。任務結束、換人使用或十二小時沒有網絡後，任務即被刪除。
trip-more-place = 任務進行期間，本頁每半分鐘告知調度車輛在途及其位置，精確到約一百米。只保留最後一個位置，任務結束後即刪除。請保持本頁打開；十分鐘沒有消息，調度會打電話。
trip-heard-lately = {$minutes ->
    [0] 剛剛收到車輛消息
   *[other] {$minutes} 分鐘前收到車輛消息
}
trip-heard-amber = 已 {$minutes} 分鐘沒有車輛消息
trip-heard-silent = 已 {$minutes} 分鐘沒有車輛消息：請致電車組
trip-heard-way = 還有 {$km} 公里
trip-handed-over = 車組稱 {$at} 已交接
call-door = 門口
call-refused = 被拒絕救治
call-silent = 失聯
call-broken = 故障
