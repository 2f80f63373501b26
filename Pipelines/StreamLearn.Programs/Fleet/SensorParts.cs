using StreamLearn.Nodes;
using StreamLearn.Operators;
using StreamLearn.Tables;

namespace StreamLearn.Programs;

/// <summary>Nodes that compute parts of a network for devices.</summary>
internal static class SensorParts
{
    private static readonly TimeSpan HelloEvery = TimeSpan.FromSeconds(2);

    /// <summary>Windows before the first version get no answer.</summary>
    internal static Flow<WindowAnswer> Answer(PipelineBuilder p, Flow<Batch> windows, Flow<Weights> models, SensorOptions sensor,
        AnswerOptions options, InferPartsOptions parts, EdgeLink link)
    {
        var (topics, network) = (sensor.Topics, (Network)sensor.Model);
        var results = p.Subscribe(link.Control, topics.PartsTo(sensor.Name), NodesCodecs.PartResults, SensorAcross.AtOnce);
        var nodes = p.Subscribe(link.Control, topics.Nodes, LearningCodecs.Presences, new() { Durable = false });
        var (answers, tasks) = windows.InferInParts(network, results, parts, models, nodes);
        tasks.PublishTo(link.Control, topics.PartTasksOf(sensor.Name), NodesCodecs.PartTasks, static task => task.Worker);
        return answers.Filter("versions", static batch => batch["version"].Values<long>()[0] > 0)
            .Map("answer", batch => AdaptiveAnswers.Of(batch, sensor.Name, options, network.ExitCount - 1));
    }

    /// <summary>Returns the pipeline of a node, which follows the fleet's newest version.</summary>
    internal static Pipeline Node(string node, FleetTopics topics, Network model, EdgeLink link) => Pipeline.Define(node, p =>
    {
        var versions = p.Subscribe(link.Control, topics.Newest, LearningCodecs.Weights, new() { Durable = false });
        p.Subscribe(link.Control, topics.PartTasksTo(node), NodesCodecs.PartTasks, new() { Durable = false })
            .ServeParts(model, versions)
            .PublishTo(link.Control, topics.PartsOf(node), NodesCodecs.PartResults, static result => result.Device);
        p.Heartbeat(every: HelloEvery).Publish(link.Control, topics.NodeOf(node), LearningCodecs.Presences);
    });
}
