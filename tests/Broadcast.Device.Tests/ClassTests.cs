namespace Broadcast.Device.Tests;

/// <summary>R7: classes never mix.</summary>
public sealed class ClassTests
{
    [Theory]
    [InlineData(WarningClass.Actual, true)]
    [InlineData(WarningClass.LocalAlarm, true)]
    [InlineData(WarningClass.SirenTest, true)]
    [InlineData(WarningClass.Exercise, false)]
    [InlineData(WarningClass.Test, false)]
    [InlineData(WarningClass.Programme, false)]
    [InlineData(WarningClass.LocalNotice, false)]
    public void Only_a_class_that_may_opens_the_siren(WarningClass warningClass, bool opens)
    {
        Bench bench = new();
        Order order = bench.Alert(warningClass: warningClass);
        order.Siren = true;
        bench.Send(order);
        bench.Body.SirenOpen.ShouldBe(opens);

        bench.EndPlayback();

        bench.Body.SirenOpen.ShouldBeFalse();
    }

    [Fact]
    public void The_siren_stays_closed_when_the_order_does_not_ask_for_it()
    {
        Bench bench = new();
        bench.Send(bench.Alert(WarningLevel.Red));
        bench.Body.SirenOpen.ShouldBeFalse();
    }

    [Fact]
    public void A_cancel_closes_the_siren()
    {
        Bench bench = new();
        Order order = bench.Alert(WarningLevel.Red);
        order.Siren = true;
        bench.Send(order);

        bench.Send(bench.Cancel(order));

        bench.Body.SirenOpen.ShouldBeFalse();
    }

    [Theory]
    [InlineData(WarningClass.Exercise, "zh-CN", "这是演习。水。以上是演习。")]
    [InlineData(WarningClass.Test, "zh-CN", "这是测试。水。以上是测试。")]
    [InlineData(WarningClass.SirenTest, "zh-CN", "这是测试。水。以上是测试。")]
    [InlineData(WarningClass.Exercise, "en", "This is an exercise. 水。 This was an exercise.")]
    [InlineData(WarningClass.Test, "en-GB", "This is a test. 水。 This was a test.")]
    [InlineData(WarningClass.Actual, "zh-CN", "水。")]
    [InlineData(WarningClass.Programme, "zh-CN", "水。")]
    public void An_exercise_or_test_says_so_before_and_after(WarningClass warningClass, string language, string spoken) =>
        new Order { Class = warningClass, Language = language, Text = "水。" }.SpokenText().ShouldBe(spoken);

    [Theory]
    [InlineData(true, "Received Playing1")]
    [InlineData(false, "Refused(Unsupported)")]
    public void Live_speech_is_for_bodies_that_can_listen(bool canListen, string states)
    {
        Bench bench = new();
        bench.Body.CanListen = canListen;
        Order order = bench.Alert(WarningLevel.None, WarningClass.LiveSpeech);

        bench.Send(order);

        bench.StatesOf(order).ShouldBe(states);
        bench.Body.Played.Count.ShouldBe(canListen ? 1 : 0);
    }

    [Fact]
    public void An_unknown_class_is_refused_and_silent()
    {
        Bench bench = new();
        Order order = bench.Alert(warningClass: (WarningClass)8);

        bench.Send(order);

        bench.Body.Played.ShouldBeEmpty();
        bench.StatesOf(order).ShouldBe("Refused(Unsupported)");
    }

    [Fact]
    public void A_body_that_cannot_listen_says_every_other_class_and_takes_the_cancel_of_a_voice()
    {
        Bench bench = new();
        bench.Body.CanListen = false;
        Order order = bench.Alert();
        Order cancel = bench.Cancel(bench.Alert(warningClass: WarningClass.LiveSpeech));

        bench.Send(order);
        bench.Send(cancel);

        bench.StatesOf(order).ShouldBe("Received Playing1");
        bench.StatesOf(cancel).ShouldBe("Received");
    }
}
