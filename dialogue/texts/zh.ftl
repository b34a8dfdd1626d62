not-sure = 我不能确定您的{ $where ->
    [video] 视频
   *[photo] 照片
}里是什么。您能告诉我它的名称，或者发一张更近、更亮的照片吗？
unreadable = 我打不开您的照片。您能再发一次，或者用文字告诉我是什么事吗？
which = 我不确定您说的是哪件商品。您能告诉我名称，或者发一张照片吗？
more = 我不确定是否理解了您的意思。能再说详细一点吗？
more-titles = 我不确定是否理解了您的意思。是关于下面哪一项吗？如果都不是，请再说详细一点。
which-title = 是哪一项呢？请点选，或告诉我序号。或者要我帮您转接我们的工作人员吗？
something-else = 您问的是别的吗？请在下面选择，或再说详细一点。
sorry = 抱歉，这不是您要找的。能换一种说法吗？我也可以请我们的工作人员来帮您。
doubted = 我的依据是：
off_topic = 这个我帮不了您：我只知道本店帮助页面里的内容。还有什么与本店有关的事我可以帮忙吗？我们的工作人员也可以帮您。
language = 抱歉，我们的帮助页面没有您的语言版本，我无法用它来查找。我们的工作人员可以帮您。
danger = 我只是一家商店的自动助手，无法给您应有的帮助。请现在就和别人谈谈：当地的急救电话、心理援助热线，或者您身边的人。我们的工作人员也可以在这里给您写信息。
unknown = 抱歉，我找不到答案。要我请一位工作人员来吗？
person = 好的，我为您转接工作人员。
declined = 好的。有别的问题随时问我。
greeting = 您好！关于本店的任何问题都可以问我，也可以发照片给我。
ok = 好的。还有别的事吗？
thanks = 不客气！还有别的事吗？
bye = 再见，祝您愉快！
how_are_you = 很好，谢谢！我能为您做什么？
who_are_you = 我是本店的自动助手。我根据我们的帮助页面回答问题，可以看照片，也可以为您请工作人员。
offer = 要我请一位工作人员来吗？
not-found = 不过，我在我们的帮助页面里没有找到相关内容。
what-about-it = 您想了解什么？
care = 涉及健康的事请不要只听我的：请看包装上的说明，有疑问请咨询医生。
not-that-point = 我在帮助页面{ $titles }里没有找到这一点，不过页面上写的是：
left-open = 我找不到“{ $question }”的答案。
other-language = 我们的帮助页面是另一种语言的，内容如下：
title = 《{ $title }》
and = { $first }和{ $second }
choice-one = 从{ $where ->
    [video] 视频
   *[photo] 照片
}上我不能确定。是{ $first }吗？
choice-two = 从{ $where ->
    [video] 视频
   *[photo] 照片
}上我不能确定。是{ $first }还是{ $second }？
scene = 我在您的{ $where ->
    [video] 视频
   *[photo] 照片
}里看到：{ $caption }。
noted = { $name }，谢谢。
damage = 我看到有损坏：{ $name }。
that-is = 这是{ $name }。
looks-like = 这看起来像{ $name }。
coloured = { $name }（{ $colour }）
kind-receipt = 收据
kind-screenshot = 截图
kind-document = 文件
kind-code = 条形码或二维码
read = 我在您的{ $where ->
    [video] 视频
   *[photo] 照片
}里读到：{ $items }。
read-error_code = 错误代码 { $value }
read-tracking = 包裹 { $value }
read-order = 订单 { $value }
read-invoice = 收据号 { $value }
read-date = { $value }
read-total = 合计 { $value }
read-serial = 序列号 { $value }
read-imei = IMEI { $value }
read-gtin = 商品编号 { $value }
