using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Threading.Tasks.Dataflow;
using StreamLearn;
using StreamLearn.Mqtt;
using StreamLearn.Nats;
using static Architecture.Tests.DataflowGuideExamples;

namespace Architecture.Tests;

/// <summary>The pages for who knows TPL Dataflow and for OpenTelemetry: the code runs, and names are those of the code.</summary>
public sealed class DataflowGuideTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pipeline_is_linked_between_blocks()
    {
        var (sensor, alarms) = (new BufferBlock<Temperature>(), new List<double>());
        double[] read = [79, 81, 80, 95];
        foreach (var celsius in read) { Assert.True(sensor.Post(new("pump-7", celsius))); }
        sensor.Complete();

        await WatchAsync(sensor, reading => alarms.Add(reading.Celsius)).WaitAsync(TimeSpan.FromMinutes(1), Cancellation);

        Assert.Equal([81, 95], alarms);
    }

    [Fact]
    public async Task A_block_is_a_part_of_a_pipeline()
    {
        var read = new List<double>();
        await using var run = Pipeline.Define("readings", p =>
            InFahrenheit(p.Input<Temperature>("in")).ForEach("see", reading => read.Add(reading.Celsius))).Start(null, Cancellation);
        await run.SendAsync("in", new Temperature("pump-7", 100), Cancellation);
        await run.DrainAsync(Cancellation);

        Assert.Equal([212], read);
    }

    [Fact]
    public async Task The_page_names_all_instruments_with_their_units()
    {
        var page = File.ReadAllText(Path.Join(Repository.Root, "docs/guides/opentelemetry.md"));
        List<Instrument> found = [];
        using var listener = new MeterListener { InstrumentPublished = (instrument, _) => found.Add(instrument) };
        await using (new MqttTransport(new() { Server = new("mqtt://127.0.0.1:1") }))
        await using (new NatsTransport(new() { Servers = [new("nats://127.0.0.1:1")] }))
        {
            await Pipeline.Define("empty", static p => p.Input<string>("in").Discard()).Start(null, Cancellation).DrainAsync(Cancellation);
            listener.Start();
        }

        var byMeter = found.Where(static i => i.Meter.Name.StartsWith("StreamLearn", StringComparison.Ordinal))
            .ToLookup(static i => i.Meter.Name);
        Assert.Equal(["StreamLearn", "StreamLearn.Mqtt", "StreamLearn.Nats"], byMeter.Select(static m => m.Key).Order());
        Assert.All(byMeter["StreamLearn"], i => Assert.Contains($"| `{i.Name}` | `{i.Unit}` | ", page, StringComparison.Ordinal));
        Assert.Equal(byMeter["StreamLearn"].Count(), page.Split("\n| `streamlearn.").Length - 1);
        var (mqtt, nats) = (Names("Mqtt"), Names("Nats"));
        Assert.Contains(Row("both", mqtt.Intersect(nats)), Sorted(page));
        Assert.Contains(Row("MQTT", mqtt.Except(nats)), Sorted(page));
        Assert.Contains(Row("NATS", nats.Except(mqtt)), Sorted(page));

        List<string> Names(string of) => [.. byMeter[$"StreamLearn.{of}"].Select(i => i.Name[$"streamlearn.{of}.".Length..])];

        static string Row(string of, IEnumerable<string> names) => $"{of}: {string.Join(' ', names.Order(StringComparer.Ordinal))}";

        static List<string> Sorted(string page) => [.. page.Split('\n').Select(static l => l.Split('|')).Where(static c => c.Length == 4)
            .Select(static c => Row(c[1].Trim(), c[2].Split(',').Select(static n => n.Trim().Trim('`'))))];
    }

    [Fact]
    public async Task The_page_names_all_activities_with_their_tags()
    {
        var page = File.ReadAllText(Path.Join(Repository.Root, "docs/guides/opentelemetry.md"));
        List<Activity> ended = [];
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "StreamLearn",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => { lock (ended) { ended.Add(activity); } },
        };
        ActivitySource.AddActivityListener(listener);
        var run = Pipeline.Define("guide-telemetry", static p => p.Input<Batch>("in")
            .Publish(new InProcessTransport("here"), "guide/telemetry", StreamLearn.Arrow.ArrowCodec.Batches)).Start(null, Cancellation);
        await using var _ = run;
        await run.SendAsync("in", run.Pool.Rent(new Schema(Field.Time(), Field.Channel("x", Unit.One)), 1), Cancellation);
        await run.DrainAsync(Cancellation);

        List<Activity> own;
        lock (ended) { own = [.. ended.Where(static a => a.DisplayName is "run guide-telemetry" or "publish guide/telemetry")]; }
        Assert.Equal(2, own.Count);
        Assert.All(own, activity => Assert.Contains(
            $"| `{activity.DisplayName.Split(' ')[0]} {(activity.Kind == ActivityKind.Internal ? "PIPELINE" : "TOPIC")}` | "
                + $"{activity.Kind.ToString().ToLowerInvariant()} | {string.Join(", ", activity.Tags.Select(static t => $"`{t.Key}`"))}",
            page.Replace(" (number of the start)", "", StringComparison.Ordinal), StringComparison.Ordinal));
    }
}
