namespace FleetProcess;

/// <summary>What the nodes that share a block and their tests agree on. Tests are built with this file, too.</summary>
internal static class PartTopics
{
    internal static readonly TopicTemplate Tasks = new("sl/parts/{worker}/down/task");
    internal static readonly TopicTemplate Results = new("sl/parts/{head}/up/result");

    /// <summary>The layer after the block: it begins with the first.</summary>
    internal const int End = 7;

    /// <summary>Images of 48 lines; three convolutions, of which the middle one has a large share of the work, and a pool that makes what
    /// goes back small. <paramref name="filters"/>: filters of each convolution: its work grows with their square.</summary>
    internal static Network Network(int filters) => new(new(3, 48, 48), 4,
        [
            new Conv2d(filters, 3, 1, 1), new Relu(), new Conv2d(filters, 3, 1, 1), new Relu(), new Conv2d(filters, 3, 1, 1), new Relu(),
            new MaxPool2d(4), new GlobalMean(),
        ],
        [new(7, new Dense(4))], seed: 11);

    internal static string TasksOf(string worker) => $"sl/parts/{worker}/down/task";

    internal static string ResultsOf(string head) => $"sl/parts/{head}/up/result";

    internal static Pipeline Worker(string name, Network network, ITransport link) => Pipeline.Define(name, p => p
        .Subscribe(link, TasksOf(name), NodesCodecs.PartTasks)
        .ServeParts(network)
        .PublishTo(link, Results, NodesCodecs.PartResults, static r => r.Device));
}
