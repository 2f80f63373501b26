using System.Buffers;
using System.Collections.Concurrent;
using StreamLearn.Operators;
using StreamLearn.Simulation;

namespace Aggregator.Tests;

public sealed class OwnAccuracyTests
{
    private static readonly FleetTopics Topics = new("sl/plant");

    [Fact]
    public async Task The_numbers_of_the_status_are_those_that_the_sensors_counted()
    {
        await using var air = new InProcessTransport();
        var (record, counted) = (new FleetRecord(Rounds.Facts), new ConcurrentDictionary<string, Evaluation>());
        await using var edge = AggregatorPipeline.Create(Edge(record), EdgeLink.Over(air)).Start();
        await Task.WhenAll(new[] { 1, 2, 3 }.Select(user =>
            SensorPipeline.Create(Device(user, counted), EdgeLink.Over(air)).RunAsync(TestContext.Current.CancellationToken)));
        await edge.DrainAsync(TestContext.Current.CancellationToken);

        AssertSame(record, counted);
    }

    [Fact]
    public async Task A_score_of_anothers_topic_or_of_another_model_counts_nothing()
    {
        await using var air = new InProcessTransport();
        var record = new FleetRecord(Rounds.Facts);
        await using var edge = AggregatorPipeline.Create(Edge(record), EdgeLink.Over(air)).Start();
        var six = new long[36];
        six[0] = 5;
        await SayAsync(air, "liar", Score("victim", 1, six));
        await SayAsync(air, "other", Score("other", 1, [5, 0, 0, 0]));
        await SayAsync(air, "good", Score("good", 1, six));
        await edge.DrainAsync(TestContext.Current.CancellationToken);

        Assert.Equal("good", Assert.Single(record.At(new(), Rounds.Start).Devices).Name);
    }

    [Fact]
    public void In_the_virtual_world_too()
    {
        var (record, counted) = (new FleetRecord(Rounds.Facts), new ConcurrentDictionary<string, Evaluation>());
        using var world = new VirtualWorld(new() { Seed = 3 });
        var link = EdgeLink.Over(world.Transport("edge"));
        world.Add(AggregatorPipeline.Create(Edge(record), link));
        foreach (var user in (int[])[1, 2, 3])
        {
            world.Add(SensorPipeline.Create(Device(user, counted), link), new() { MultiplyAddsPerSecond = 50e6 });
        }

        world.RunToEnd(TestContext.Current.CancellationToken);

        AssertSame(record, counted);
    }

    [Fact]
    public void What_a_result_is_worth_says_which_classes_are_few_or_absent()
    {
        var record = new FleetRecord(Rounds.Facts with { ClassNames = ["idle", "run\u001b"] });
        record.Add(Score("a", 1, [400, 8, 0, 4, 0, 0, 0, 0, 0]), Rounds.Start);

        Assert.Equal("measured on 412 windows of 2 classes by 1 device; class run· on only 4 windows, none of class 2",
            record.At(new(), Rounds.Start).Own!.Worth(["idle", "run\u001b"]));
    }

    [Fact]
    public void An_earlier_start_says_nothing_of_a_later_one_and_what_is_known_outlasts_a_restart()
    {
        var (record, again) = (new FleetRecord(Rounds.Facts), new FleetRecord(Rounds.Facts));
        record.Add(Score("a", 2, [3, 0, 0, 0]) with { HeldUp = [new("slow", TimeSpan.FromSeconds(30))] }, Rounds.Start);
        record.Add(Score("a", 1, [90, 0, 0, 0]), Rounds.Start);
        record.Add(Score("b", 1, [0, 1, 0, 0]), Rounds.Start);
        record.Add(new DeviceNews("b") { Class = "worn", Since = Rounds.Start, Waiting = 3 }, Rounds.Start);
        var buffer = new StateBuffer();
        var writing = new StateStream(buffer);
        record.State(ref writing);
        var reading = new StateStream(buffer.Written, new());
        again.State(ref reading);

        var status = again.At(new(), Rounds.Start);

        Assert.Equal((2, 4L, 3L), (status.Own!.Devices, status.Own.Windows, status.Own.Right));
        Assert.Equal(Json(record.At(new(), Rounds.Start)).GetProperty("devices").GetRawText(),
            Json(status).GetProperty("devices").GetRawText());
        Assert.Equal("worn", Json(status).GetProperty("devices")[1].GetProperty("now").GetProperty("class").GetString());
        Assert.Equal("slowed down by 'slow' for 30 s",
            Json(status).GetProperty("devices")[0].GetProperty("own").GetProperty("heldUp").GetString());
    }

    [Fact]
    public void Devices_show_has_a_row_of_classes_for_each_device_and_who_is_held_up()
    {
        var record = new FleetRecord(Rounds.Facts);
        record.Add(Score("b", 1, [3, 1, 0, 4]), Rounds.Start);
        record.Add(Score("a", 1, [0, 0, 1, 1]) with { HeldUp = [new("slow", TimeSpan.FromSeconds(30))] }, Rounds.Start);

        var lines = DevicesShown.Text(Json(record.At(new(), Rounds.Start)), null).ToList();

        Assert.Equal(
            [
                "accuracy on own windows, each answered before learning from it; measured on 10 windows of 2 classes by 2 devices; "
                    + "class 0 on only 4 windows, class 1 on only 6 windows",
                "DEVICE                               ALL         CLASS 0         CLASS 1",
                "a                              0.50 of 2               -       0.50 of 2",
                "b                              0.88 of 8       0.75 of 4       1.00 of 4",
                "all                           0.80 of 10       0.75 of 4       0.83 of 6",
                "a slowed down by 'slow' for 30 s",
            ], lines);
    }

    private static void AssertSame(FleetRecord record, ConcurrentDictionary<string, Evaluation> counted)
    {
        var status = Json(record.At(new(), Rounds.Start));
        var devices = status.GetProperty("devices").EnumerateArray().ToDictionary(static d => d.GetProperty("name").GetString()!);

        Assert.Equal(3, counted.Count);
        foreach (var (device, evaluation) in counted)
        {
            var own = devices[device].GetProperty("own");
            Assert.True(evaluation.Rows > 10);
            Assert.Equal((evaluation.Rows, evaluation.Correct, evaluation.ModelVersion),
                (own.GetProperty("windows").GetInt64(), own.GetProperty("right").GetInt64(), own.GetProperty("version").GetInt64()));
            Assert.Equal(
                Enumerable.Range(0, 6).Select(c => (evaluation.Matrix.Labelled(c), evaluation.Matrix[c, c])),
                own.GetProperty("classes").EnumerateArray().Select(static c => (c[0].GetInt64(), c[1].GetInt64())));
            Assert.Equal(evaluation.Loss, own.GetProperty("loss").GetDouble(), 1e-5);
        }

        var fleet = status.GetProperty("own");
        Assert.Equal((3, counted.Values.Sum(static e => e.Rows), counted.Values.Sum(static e => e.Correct)),
            (fleet.GetProperty("devices").GetInt32(), fleet.GetProperty("windows").GetInt64(), fleet.GetProperty("right").GetInt64()));
    }

    private static async Task SayAsync(InProcessTransport air, string topic, DeviceScore score)
    {
        var bytes = new ArrayBufferWriter<byte>();
        LearningCodecs.Scores.Encode(score, bytes);
        await new EnvelopedTransport(air).PublishAsync(Topics.ScoresOf(topic), new(bytes.WrittenMemory), new(new(topic, 1, 1)),
            TestContext.Current.CancellationToken);
    }

    private static JsonElement Json(FleetStatus status)
    {
        using var document = JsonDocument.Parse(StatusJson.Of(status));
        return document.RootElement.Clone();
    }

    private static AggregatorOptions Edge(FleetRecord record) => new(Topics, HarNetwork.Create(42), new FedBuff(3), 64)
    {
        OnScore = score => record.Add(score, Rounds.Start),
    };

    private static SensorOptions Device(int user, ConcurrentDictionary<string, Evaluation> counted) => new($"pump-{user}", Topics,
        HarNetwork.Create(42),
        p => p.FromHarStream(new() { User = user, Duration = TimeSpan.FromSeconds(80), SpeedUp = double.PositiveInfinity }),
        HarStream.Schema, static rows => rows.Window(128, 64))
    {
        Quality = new() { Clock = EventClock.FullSpeed, DropFaulty = true },
        Training = new() { Credit = new(), Epoch = 1 },
        ScoreEvery = TimeSpan.FromMilliseconds(100),
        OnEvaluation = e => counted.AddOrUpdate(e.Device, e, (_, known) => Evaluation.Add(known, e)),
    };

    private static DeviceScore Score(string device, long epoch, long[] confusion) => new()
    {
        Device = device,
        Epoch = epoch,
        ModelVersion = 1,
        Rows = confusion.Sum(),
        Loss = 1,
        NewestLoss = 1,
        Confusion = [.. confusion],
        Newest = [.. confusion],
        Running = TimeSpan.FromSeconds(100),
    };
}
