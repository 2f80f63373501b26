namespace StreamLearn.Nodes.Tests;

/// <summary>A head and workers that share blocks of a small network of images; messages pass as bytes, where the test takes
/// them.</summary>
internal sealed class PartFleet : IDisposable
{
    internal static readonly string[] Names = ["left", "right", "middle"];

    /// <summary>16 lines of 5 columns; the block from the first convolution to the last ReLU gives 8 lines.</summary>
    internal static readonly Network Network = new(new(2, 16, 5), 3,
        [
            new Scale(), new Conv2d(4, 3, 1, 1), new BatchNorm(), new Relu(), new MaxPool2d(2), new Conv2d(6, 3, 1, 1), new Relu(),
            new Flatten(), new Dense(8),
        ],
        [new(8, new Dense(3))], seed: 7);

    internal static readonly PartBlock Block = new() { First = 1, End = 7, Workers = [(Names[0], 3), (Names[1], 1)] };

    internal static readonly InferPartsOptions Options = new()
    {
        Blocks = [Block],
        Epoch = 5,
        InFlight = 3,
        Deadline = TimeSpan.FromMilliseconds(100),
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    internal static readonly Schema Rows = new(Field.Time(), Field.Channel("a", Unit.One), Field.Channel("b", Unit.One));
    private readonly OperatorProbe _whole;

    internal PartFleet(InferPartsOptions? options = null, Network? network = null)
    {
        network ??= Network;
        Head = OperatorProbe.From<Batch>((p, rows) => OperatorProbe.Use(rows.InferInParts(network, p.Input<PartResult>("results"),
            options ?? Options, p.Input<Weights>("models"), p.Input<Presence>("presences"))), Rows);
        Workers = [.. Names.Select(name => OperatorProbe.From<PartTask>((p, tasks) =>
            tasks.ServeParts(network, p.Input<Weights>("models"), worker: name, maxRows: 4).Output("main")))];
        _whole = OperatorProbe.From<Batch>((p, rows) => rows.Infer(network, p.Input<Weights>("models")).Output("main"), Rows);
    }

    internal OperatorProbe Head { get; }
    internal OperatorProbe[] Workers { get; }

    public void Dispose()
    {
        Head.Dispose();
        _whole.Dispose();
        foreach (var worker in Workers) { worker.Dispose(); }
    }

    /// <summary>Values of a version: the same network, moved a little.</summary>
    internal static Weights Version(int version) => new()
    {
        Version = version,
        SchemaHash = Network.Plan.SchemaHash,
        Values = [.. Network.Initial.Values.Select((v, i) => v + (0.01f * version * ((i % 7) - 3)))],
    };

    /// <summary>The n-th input: one or two images.</summary>
    internal static Batch Images(OperatorProbe probe, int number)
    {
        var batch = Batches.Random(probe.Pool, Rows, 80 * (1 + (number % 2)), seed: number);
        for (var i = 0; i < batch.Rows; i++) { batch["time"].Writable<long>()[i] = (number * 1000) + i; }
        return batch;
    }

    internal void Feed(int number) => Head.Send(Images(Head, number));

    /// <summary>What one node answers to the n-th input, as a hash of all bits.</summary>
    internal ulong Whole(int number, Weights? version = null)
    {
        if (version is not null) { _whole.Control(version); }
        using var answers = WholeAnswers(number);
        return Batches.Hash(answers);
    }

    internal Batch WholeAnswers(int number)
    {
        _whole.Send(Images(_whole, number));
        return _whole.Expect<Batch>();
    }

    /// <summary>The oldest answer of the head.</summary>
    internal ulong Answer() => Hash(Head);

    /// <summary>The tasks that wait at the head.</summary>
    internal IReadOnlyList<PartTask> Tasks() => [.. Head.TakeAll<PartTask>(1).Select(static t => Same(NodesCodecs.PartTasks, t)!)];

    /// <summary>What the worker of a task makes of it.</summary>
    internal PartResult Result(PartTask task)
    {
        var worker = Workers[Array.IndexOf(Names, task.Worker)];
        worker.Send(task);
        return Same(NodesCodecs.PartResults, worker.Take<PartResult>())!;
    }

    private static ulong Hash(OperatorProbe probe)
    {
        using var answers = probe.Expect<Batch>();
        return Batches.Hash(answers);
    }
}
