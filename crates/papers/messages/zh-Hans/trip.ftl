# 手机上的司机页面，以及看板上关于在途车辆的说明。

trip-net-unknown = 正在查找网络……
trip-net-online = 已连接，上报内容即时发送。
trip-net-offline = 没有网络。请继续：上报内容保存在本机，稍后发送。调度中心此时看不到车辆。
trip-net-left = 您已退出登录。请继续：上报内容保存在本机，重新登录后发送。
trip-net-door = 已连接。
trip-net-denied = 您的岗位没有车辆。请切换岗位，或由司机登录。
trip-place-off = 本机不提供位置。调度中心知道车辆在途，但不知道在哪里。
trip-open = 打开无网络也能用的页面
trip-plain = 本页需要脚本，才能在没有网络时工作。没有脚本时，请使用任务页面。
trip-door-said = 有网络时登录一次，之后没有网络也能使用。
trip-as-of = 计划截至 {$at}
trip-said = 任务 {$from} 至 {$to} · {$class}
trip-people = 此处接 {$count} 人
trip-next = 下一站
trip-later = 之后
trip-aboard = 车上人员
trip-to = 前往{$place}
trip-all-picked-up = 全部 {$count} 人已接走
trip-step-picked_up = 已接走
trip-step-no_answer = 无人应门
trip-step-refused = 拒绝
trip-step-cannot_move = 无法转运
trip-step-wrong_address = 查无此人（地址有误）
trip-home = 送回家：已无任何决定要求转运
trip-step-worse = 症状加重
trip-step-handed_over = 已交接
trip-sure-worse = 将立即登记急救。如有生命危险，请先拨打急救电话。
trip-note = 给调度的说明
trip-report = 上报
trip-back = 返回
trip-tried = 已上报：{$what}。已通知调度联系处理。请等候通知，或先去下一站。
trip-worse-told = 已上报：症状加重。发送后立即登记急救。
trip-none-said = 新任务一经安排即在此显示。
trip-reported = {$what}：{$name}
trip-kept-count = 本机尚未发送的上报：{$count}
trip-kept-foreign = 他人尚未发送的上报：{$count}。在其本人登录前一直保存在本机，请通知本人。
trip-right-said = 这些上报与现在的计划不符，服务器未接收。已通知调度与您联系。
trip-right-report = {$what}：{$name}，{$at}
trip-right-drop-said = 此上报将从本机删除。请在调度确认情况后再删除。
trip-dropped = 已在本机放弃该上报
trip-more-kept = 本机保存：本车未结束的任务，含姓名、门牌和电话，因为没有网络时也需要；以及尚未发送的上报。任务结束、换人使用或十二小时没有网络后，任务即被删除。
trip-more-place = 任务进行期间，本页每半分钟告知调度车辆在途及其位置，精确到约一百米。只保留最后一个位置，任务结束后即删除。请保持本页打开；十分钟没有消息，调度会打电话。
trip-heard-lately = {$minutes ->
    [0] 刚刚收到车辆消息
   *[other] {$minutes} 分钟前收到车辆消息
}
trip-heard-amber = 已 {$minutes} 分钟没有车辆消息
trip-heard-silent = 已 {$minutes} 分钟没有车辆消息：请致电车组
trip-heard-way = 还有 {$km} 公里
trip-handed-over = 车组称 {$at} 已交接
call-door = 门口
call-refused = 被拒绝救治
call-silent = 失联
call-broken = 故障
