using StreamLearn.Nodes;
using StreamLearn.Operators;

namespace StreamLearn.Programs;

internal static class SensorSplit
{
    /// <summary>Fits servers with a low message limit and takes only seconds at 50 kbit/s, so heartbeats are not late.</summary>
    private const int ProbeBytes = 16 * 1024;

    private static readonly PublicationOptions WithCheckpoint = new() { WithCheckpoint = true };

    /// <summary><paramref name="scores"/>: scores of windows labeled later; null if rows carry labels.</summary>
    internal static void Train(PipelineBuilder p, SensorOptions sensor, SplitOptions split, EdgeLink link, Flow<Batch> windows,
        Flow<Evaluation>? scores)
    {
        var topics = sensor.Topics;
        var gradients = p.Subscribe(link.Control, topics.GradientsOf(sensor.Name), Boundary.Back(split.HasBytes));
        var codec = Boundary.Forward(split.HasBytes);
        var (sent, reports) = windows.SplitTrain((Network)sensor.Model, split.Split, gradients, options: split.Training);
        sent.Named("train");
        sent.Filter("batches", static a => a.Round is null).Publish(link.Data, topics.ActivationsOf(sensor.Name), codec);
        // the end of a round is sent once a checkpoint includes it; after a kill it is repeated and gets the same answer
        sent.Filter("rounds", static a => a.Round is not null)
            .Publish(link.Data, topics.ActivationsOf(sensor.Name), codec, WithCheckpoint).Named("publish rounds");
        // only while the device has the last exit: earlier answers say nothing about the current model
        var layers = ((Network)sensor.Model).Layers.Length;
        var evaluations = reports.Filter("answered", r => r.Evaluation is not null && r.End == layers)
            .Map("evaluations", static r => r.Evaluation!);
        SensorPipeline.Watch(evaluations, scores, sensor, link);
        if (sensor.OnRowsEnded is { } ended) { AtEnd<SplitReport>.Call(reports, ended); }

        if (split.Training.Resources is not null)
        {
            var (probes, estimates) = p.Subscribe(link.Control, topics.EchoesOf(sensor.Name), NodesCodecs.LinkProbes, SensorAcross.AtOnce)
                .ProbeLink(ProbeBytes);
            probes.Publish(link.Control, topics.ProbesOf(sensor.Name), NodesCodecs.LinkProbes);
            estimates.Publish(link.Control, topics.LinksOf(sensor.Name), NodesCodecs.LinkEstimates);
        }

        if (sensor.HeartbeatEvery is { } every)
        {
            p.Heartbeat(null, every, split.Training.Epoch, sensor.Capabilities)
                .Publish(link.Control, topics.PresencesOf(sensor.Name), LearningCodecs.Presences);
        }
    }
}
