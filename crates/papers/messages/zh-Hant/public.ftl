## 公眾頁面用語。

public-title = 公眾信息
