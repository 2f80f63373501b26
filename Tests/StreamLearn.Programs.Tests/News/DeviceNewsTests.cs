using System.Buffers;
using System.Text;
using StreamLearn.Tables;
using StreamLearn.Testing;

namespace StreamLearn.Programs.Tests;

/// <summary>What devices tell their owners: the message, whoever wrote it, and the block that keeps it.</summary>
public sealed class DeviceNewsTests
{
    private static readonly Schema Windows = new(Field.Time(), Field.Channel("x", Unit.One));
    private static readonly DateTimeOffset Start = OperatorProbe.Start;

    private static readonly DeviceNews Whole = new("pump-7")
    {
        Time = Start,
        Class = "worn",
        Confidence = 0.93f,
        Value = 21.5f,
        Unit = "Cel",
        Since = Start.AddMinutes(-2),
        Alert = "worn",
        AlertAt = Start.AddMinutes(-1),
        Where = "layer 1 here, 2 to 5 at the aggregator: 8 ms; all here 41 ms",
        Waiting = 12,
    };

    [Fact]
    public void All_of_it_and_nothing_but_the_name_come_back_as_they_went()
    {
        Assert.Equal(Whole, Read(Encoded(Whole)));
        Assert.Equal(new("pump-7"), Read(Encoded(new("pump-7"))));
        Assert.Equal("{\"device\":\"pump-7\"}", Encoding.UTF8.GetString(Encoded(new("pump-7"))));
    }

    /// <summary>A later copy adds members, an earlier one has fewer.</summary>
    [Fact]
    public void Members_that_this_copy_does_not_know_are_passed_over() =>
        Assert.Equal(new("a") { Class = "good" }, Read("""{"later":[1,{}],"device":"a","class":"good","unit":""}"""u8.ToArray()));

    [Fact]
    public void Only_the_device_of_its_topic_speaks() =>
        Assert.Equal(("pump-7", ""), (Whole.SentBy("pump-7").Device, Whole.SentBy("liar").Device));

    [Fact]
    public void What_strangers_write_is_cut_and_without_controls()
    {
        var news = Read(Encoded(Whole with { Class = new('w', 5000), Alert = "\u001b[2J\r\n\u202e", Unit = "\ud800" }))!;

        Assert.Equal((65, "·[2J···", "\ufffd"), (news.Class.Length, news.Alert, news.Unit));
        Assert.Equal((1f, 0f, null, null), ((Whole with { Confidence = 2 }).Confidence, (Whole with { Confidence = -1 }).Confidence,
            (Whole with { Confidence = float.NaN }).Confidence, (Whole with { Value = float.PositiveInfinity }).Value));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("""{"device":""}""")]
    [InlineData("""{"device":7}""")]
    [InlineData("""{"device":"a","class":["worn"]}""")]
    [InlineData("""{"device":"a","class":"\ud800"}""")]
    [InlineData("""{"device":"a","waiting":-1}""")]
    [InlineData("""{"device":"a","waiting":1e30}""")]
    [InlineData("""{"device":"a","confidence":"much"}""")]
    [InlineData("""{"device":"a","since":"yesterday"}""")]
    [InlineData("""{"device":"a","since":"9999-12-31T23:59:59-14:00"}""")]
    public void What_is_no_news_is_refused(string text) => Assert.Null(Read(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void A_name_that_no_device_has_is_refused() => Assert.Null(Read(Encoded(new(new string('é', 129)))));

    [Fact]
    public void Damaged_news_is_read_or_refused_and_written_again()
    {
        var (random, whole, read) = (new RandomStream(3, "news"), Encoded(Whole), 0);
        for (var i = 0; i < (LongForm.IsAsked ? 200_000 : 5_000); i++)
        {
            var bytes = whole.AsSpan(0, random.NextInt32(4) == 0 ? random.NextInt32(whole.Length) : whole.Length).ToArray();
            for (var changes = random.NextInt32(4); changes > 0 && bytes.Length > 0; changes--)
            {
                bytes[random.NextInt32(bytes.Length)] =
                    (byte)(random.NextInt32(2) == 0 ? random.NextInt32(256) : "0123456789-e.\"{}"[random.NextInt32(16)]);
            }

            if (Read(bytes) is not { } news) { continue; }
            read++;
            Assert.Equal(news, Read(Encoded(news)));
        }

        Assert.InRange(read, 500, 100_000);
    }

    [Fact]
    public void A_class_has_the_time_since_when_it_holds_and_alerts_stay()
    {
        using var probe = Probe(new(TimeSpan.FromSeconds(5)));
        Say(probe, 0, "good", 0.7f);
        Say(probe, 1, "worn", 0.8f);
        Say(probe, 2, "worn", 0.9f);
        probe.Control(new Alert("id", new("pump-7", Start.AddSeconds(2), "worn", 0.9f, 0, 1), Start.AddSeconds(1), 2));
        Assert.Equal("good", probe.Take<DeviceNews>().Class);
        Assert.Equal(0, probe.Count());         // not more often than every five seconds

        probe.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(new DeviceNews(probe.Pipeline.Name)
        {
            Time = Start.AddSeconds(2),
            Class = "worn",
            Confidence = 0.9f,
            Since = Start.AddSeconds(1),
            Alert = "worn",
            AlertAt = Start.AddSeconds(2),
        }, probe.Take<DeviceNews>());
        probe.Complete();
        Assert.Equal(0, probe.Count());
    }

    [Fact]
    public void A_value_has_its_unit_and_an_anomaly_its_channel()
    {
        using var probe = OperatorProbe.From<WindowAnswer>((p, answers) => answers.News(new(TimeSpan.FromSeconds(1)) { Unit = "kW" },
            p.Input<Batch>("windows", Windows), [], p.Input<AnomalyAlert>("anomalies")).Output("main"));
        DeviceNews Said(bool isOver, int at)
        {
            probe.Control(new AnomalyAlert("id", "pump-7", Start, Start.AddSeconds(at), 9, "x", 3, isOver));
            probe.Send(new WindowAnswer("pump-7", Start.AddSeconds(at), "", 0, 0, 1) { Value = 42.5f });
            probe.Advance(TimeSpan.FromSeconds(1));
            return probe.Take<DeviceNews>();
        }

        var (begun, over) = (Said(isOver: false, 1), Said(isOver: true, 2));

        Assert.Equal((42.5f, "kW", "", null), (begun.Value, begun.Unit, begun.Class, begun.Confidence));
        Assert.Equal((Start.AddSeconds(1), "x unusual", Start), (begun.Since, begun.Alert, begun.AlertAt));
        Assert.Equal(("x usual again", Start.AddSeconds(2)), (over.Alert, over.AlertAt));
    }

    [Fact]
    public void Windows_that_wait_are_told_without_an_answer_and_when_no_window_comes()
    {
        var waiting = 3L;
        using var probe = Probe(new(TimeSpan.FromSeconds(5)) { Waiting = () => waiting });
        probe.Control(Batches.Of(probe.Pool, Windows, new[] { 1L }, new[] { 1f }));
        Assert.Equal(new(probe.Pipeline.Name) { Waiting = 3 }, probe.Take<DeviceNews>());
        probe.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(0, probe.Count());

        waiting = 0;
        probe.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(0, probe.Take<DeviceNews>().Waiting);
        Assert.Null(probe.WakeAt);
    }

    private static OperatorProbe Probe(NewsOptions options) => OperatorProbe.From<WindowAnswer>((p, answers) => answers
        .News(options, p.Input<Batch>("windows", Windows), [p.Input<Alert>("alerts")], null).Output("main"));

    private static void Say(OperatorProbe probe, int second, string name, float confidence) =>
        probe.Send(new WindowAnswer("pump-7", Start.AddSeconds(second), name, confidence, 0, 1));

    private static byte[] Encoded(DeviceNews news)
    {
        var buffer = new ArrayBufferWriter<byte>();
        DeviceNews.Json.Encode(news, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    private static DeviceNews? Read(byte[] bytes) => DeviceNews.Json.TryDecode(new(bytes), new(), out var news) ? news : null;
}
