using System.Runtime.CompilerServices;
using StreamLearn;
using StreamLearn.Formats;
using StreamLearn.Mqtt;
using StreamLearn.Operators;
using StreamLearn.Reactive;

namespace Architecture.Tests;

/// <summary>The C# of docs/guides/sensors.md.</summary>
internal readonly record struct Reading(DateTimeOffset At, int Valve, float Pressure, float Flow, int? Class);

internal static class Valves
{
    internal static readonly Schema Columns = new(
        Field.Time(),                                               // time, int64: nanoseconds since 1970, UTC
        new Field("valve", ColumnType.Int32, Unit.One),             // whose row it is
        Field.Channel("pressure", new Unit("kPa")),
        Field.Channel("flow", new Unit("L/min")),
        Field.Label());                                             // label, int32: the class, where it is known

    internal static Batch BatchOf(BatchPool pool, Reading[] readings)
    {
        var batch = pool.Rent(Columns, readings.Length);
        var time = batch["time"].Writable<long>();
        var valve = batch["valve"].Writable<int>();
        var pressure = batch["pressure"].Writable<float>();
        var flow = batch["flow"].Writable<float>();
        var label = batch["label"];
        for (var i = 0; i < readings.Length; i++)
        {
            var reading = readings[i];
            time[i] = (reading.At - DateTimeOffset.UnixEpoch).Ticks * 100;      // a tick is 100 ns
            (valve[i], pressure[i], flow[i]) = (reading.Valve, reading.Pressure, reading.Flow);
            label.Writable<int>()[i] = reading.Class ?? 0;
            label.SetValid(i, reading.Class is not null);           // a row without a label
        }

        return batch;
    }
}

internal static class SensorGuideExamples
{
    internal static Flow<Batch> PerValve(Flow<Batch> rows) => rows
        .PerKey("valve", valve => valve.Standardize().Window(samples: 64, hop: 64).MeanDeviation());

    internal static async Task<RunMetrics> FeedAsync(IEnumerable<Reading[]> sensor)
    {
        var pipeline = Pipeline.Define("valves", p =>
            PerValve(p.Input<Batch>("rows", Valves.Columns, maxRows: 32)).Output("windows"));

        await using var run = pipeline.Start();
        var reading = ReadAsync(run);                               // first of all: see below
        foreach (var readings in sensor) { await run.SendAsync("rows", Valves.BatchOf(run.Pool, readings)); }
        run.Complete("rows");                                       // no more rows come
        await reading;
        await run.Completion;                                       // throws if a block failed
        Console.WriteLine(run.Metrics);
        return run.Metrics;
    }

    internal static async Task ReadAsync(PipelineRun run)
    {
        await foreach (var window in run.ReadAllAsync<Batch>("windows"))
        {
            using (window)                                          // the reader owns it
            {
                Console.WriteLine($"valve {window["valve"].Values<int>()[0]}: {window["flow deviation"].Values<float>()[0]:0.00}");
            }
        }
    }

    internal static async IAsyncEnumerable<Batch> ReadValvesAsync(
        IAsyncEnumerable<Reading[]> sensor, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var pool = new BatchPool();                                 // the sequence's own
        await foreach (var readings in sensor.WithCancellation(cancellationToken)) { yield return Valves.BatchOf(pool, readings); }
    }

    internal static Pipeline FromSensor(IAsyncEnumerable<Reading[]> sensor, Action<Batch> onWindow) => Pipeline.Define("valves", p =>
        PerValve(p.FromSequence("rows", token => ReadValvesAsync(sensor, token), Valves.Columns, maxRows: 32))
            .ForEach("windows", onWindow));

    internal static Pipeline FromTopic(ITransport server, Action<Batch> onWindow) => Pipeline.Define("valves", p =>
    {
        var rows = new JsonFormat(new()                             // {"t":1777881600000,"rows":[{"kpa":301.2,"flow":12.1}, ...]}
        {
            Time = new("$.t", TimeUnit.Milliseconds, SamplesPerSecond: 100),
            Columns =
            [
                JsonColumn.Channel("pressure", "$.rows[*].kpa", new Unit("kPa")),
                JsonColumn.Channel("flow", "$.rows[*].flow", new Unit("L/min")),
            ],
        });
        var valves = p.Subscribe(server, "plant/{valve}/rows", rows);                          // {valve} is a column, too
        PerValve(valves).ForEach("windows", onWindow);
    });

    internal static async Task ListenAsync(Task stopped)
    {
        await using var server = new MqttTransport(new() { Server = new("mqtt://broker"), ClientId = "line-2" });
        await using var run = FromTopic(server, window => Console.WriteLine(window["flow deviation"].Values<float>()[0])).Start();
        await stopped;
        await run.DrainAsync();                                     // takes no more, and finishes what is under way
        Console.WriteLine(run.Metrics);
    }

    internal static Pipeline WithAnswers(
        Func<PipelineBuilder, Flow<Batch>> windows, Func<Batch, CancellationToken, ValueTask<Verdict>> ask, Action<Verdict> onVerdict) =>
        Pipeline.Define("valves", p => windows(p)
            .MapAsync("ask", async (window, token) =>
            {
                using (window) { return await ask(window, token); }     // the function owns the window
            }, parallelism: 8)
            .OnError(ErrorPolicy.Skip)                                  // or Fail, the default, or DeadLetter
            .ForEach("verdicts", onVerdict));

    internal static Pipeline WatchMachine(Action<Batch> onWindow) => Pipeline.Define("machine", p => p
        .FromHost(interval: TimeSpan.FromSeconds(1))     // cpu, load1, memory_share, network_received, temperature ...
        .Window(samples: 30, hop: 30)
        .MeanDeviation()                                            // a row: cpu mean, cpu deviation ...
        .ForEach("windows", onWindow));

    internal static Pipeline FromReadings(IObservable<Batch> sensor, Action<Batch> onWindow) => Pipeline.Define("valves", p =>
        PerValve(p.FromObservable("rows", sensor, new() { BufferMessages = 100, Overflow = ObservableOverflow.DropOldest }, Valves.Columns))
            .ForEach("windows", onWindow));

    internal static Flow<Batch> FewValves(Flow<Batch> rows) => rows.PerKey("valve",
        valve => valve.Standardize().Window(samples: 64, hop: 64), maxKeys: 20, idle: TimeSpan.FromHours(1));
}

/// <summary>What a service says of a window.</summary>
internal sealed record Verdict(string Text);
