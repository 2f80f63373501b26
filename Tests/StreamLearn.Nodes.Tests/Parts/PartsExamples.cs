namespace StreamLearn.Nodes.Tests;

/// <summary>The program of docs/guides/parts.md.</summary>
internal static class PartsExamples
{
    internal static Pipeline Camera(
        string name, Network network, ITransport link, Func<PipelineBuilder, Flow<Batch>> images, Action<Batch> answered) =>
        Pipeline.Define(name, p =>
        {
            var results = p.Subscribe(link, $"sl/parts/{name}/up/result", NodesCodecs.PartResults);
            var (answers, tasks) = images(p).InferInParts(network, results, new()
            {
                Blocks = [new() { End = RowPartition.Reach(network, 0), Workers = [("pi-1", Rate: 3), ("pi-2", Rate: 1)] }],
            });
            answers.ForEach("answers", answered);
            tasks.PublishTo(link, new("sl/parts/{worker}/down/task"), NodesCodecs.PartTasks, static t => t.Worker);
        });

    internal static Pipeline Worker(string name, Network network, ITransport link) => Pipeline.Define(name, p => p
        .Subscribe(link, $"sl/parts/{name}/down/task", NodesCodecs.PartTasks)
        .ServeParts(network)
        .PublishTo(link, new("sl/parts/{head}/up/result"), NodesCodecs.PartResults, static r => r.Device));
}
