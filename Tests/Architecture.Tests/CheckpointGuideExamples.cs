using StreamLearn;
using StreamLearn.Operators;
using StreamLearn.Simulation;

namespace Architecture.Tests;

/// <summary>The C# of docs/guides/checkpoints.md.</summary>
internal static class CheckpointGuideExamples
{
    internal static PipelineRun Start(Pipeline pipeline, string folder)
    {
        return pipeline.Start(new RunOptions
        {
            Checkpoints = new(folder) { Every = TimeSpan.FromSeconds(10) },
            StartFrom = Checkpoint.Newest(folder),      // null the first time: it starts empty
        });
    }

    internal static async Task StopAsync(PipelineRun run)
    {
        var saved = await run.StopAsync();
        Console.WriteLine($"checkpoint {saved.Number}: {saved.SizeBytes} bytes, paused for {saved.Paused.TotalMilliseconds:0.0} ms");
    }

    internal static void Continue(VirtualWorld world, Func<string, Pipeline> pipelineOf, TimeSpan length, string folder)
    {
        if (Checkpoint.Newest(folder) is { } saved) { world.Load(saved, name => world.Add(pipelineOf(name))); }
        while (world.Elapsed < length)
        {
            world.RunFor(TimeSpan.FromSeconds(10));
            world.Save(folder);
        }
    }

    internal static long CountAlarms(VirtualWorld world, Func<Action, Pipeline> pumpOf, TimeSpan length, string folder)
    {
        var alarms = new AlarmCount();
        world.AddState("alarms", alarms);           // before Load, which gives it back what it had counted
        world.Add(pumpOf(alarms.Add));
        Continue(world, static name => throw new InvalidOperationException($"'{name}' was never added"), length, folder);
        return alarms.Value;
    }

    internal static List<PipelineRun> StartAll(Func<ITransport, List<Pipeline>> pipelinesOver, string folder, AlarmCount alarms)
    {
        var edge = new InProcessTransport("edge") { ConfirmsWhenAcknowledged = true };
        using var held = edge.Hold();               // until all of them have subscribed
        List<PipelineRun> runs = [];
        foreach (var pipeline in pipelinesOver(edge))
        {
            var own = Path.Join(folder, pipeline.Name);
            runs.Add(pipeline.Start(new RunOptions
            {
                Checkpoints = new(own) { State = pipeline.Name == "alarms" ? alarms : null },
                StartFrom = Checkpoint.Newest(own),
            }));
        }

        return runs;
    }

    internal static Pipeline Counting(ITransport plant, ICodec<Batch> rows, ICodec<Batch> codec) => Pipeline.Define("pump", p => p
        .Subscribe(plant, "pumps/7/rows", rows)
        .Window(samples: 128, hop: 64)
        .Publish(plant, "pumps/7/windows", codec, new PublicationOptions { WithCheckpoint = true }));
}

/// <summary>What an action of the program counts.</summary>
internal sealed class AlarmCount : IStateful
{
    public long Value { get; private set; }

    public string StateFormat => "alarms/1";

    public void Add() => Value++;

    public void State(ref StateStream s) => Value = s.Value(Value);
}

/// <summary>Passes on every n-th batch.</summary>
internal sealed class EveryNthBatch(int n, IOutput<Batch> output) : Operator<Batch>, IStateful
{
    private int _count;

    public string StateFormat => "every-nth-batch/1";

    public void State(ref StateStream s) => s.Value(ref _count, 0, n - 1);

    public override void Process(Batch batch)
    {
        _count = (_count + 1) % n;
        if (_count == 0) { output.Emit(batch); }
        else { batch.Dispose(); }
    }
}
