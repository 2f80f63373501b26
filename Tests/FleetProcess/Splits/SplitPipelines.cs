using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Acceptance.Tests;
using StreamLearn.Fleets;
using StreamLearn.Learning;
using StreamLearn.Operators;

namespace FleetProcess;

/// <summary>The three pipelines of split training: batches and answers at once, ends of rounds with the checkpoint, and versions
/// kept.</summary>
internal static class SplitPipelines
{
    private static readonly PublicationOptions WithCheckpoint = new() { WithCheckpoint = true };

    internal static Pipeline Device(string name, SplitSettings settings, ITransport link, ITransport ends) => Pipeline.Define(name, p =>
    {
        var gradients = p.Subscribe(link, SplitTopics.GradientsOf(name), LearningCodecs.BoundaryGradients);
        var number = int.Parse(name.Split('-')[^1], CultureInfo.InvariantCulture);
        var given = new SplitRowsOptions(SplitTopics.Network, settings.Training.BatchRows, number, settings.Rounds * settings.RoundBatches);
        var (sent, reports) = p.From("rows", given, SplitRows.Open, given.Columns)
            .SplitTrain(SplitTopics.Network, settings.Split, gradients, options: settings.Training);
        reports.Discard();
        sent.Filter("batches", static a => a.Round is null)
            .PublishTo(link, SplitTopics.Batches, LearningCodecs.Activations, a => a.Edge ?? settings.Edge);
        sent.Filter("rounds", static a => a.Round is not null)
            .PublishTo(ends, SplitTopics.Batches, LearningCodecs.Activations, a => a.Edge ?? settings.Edge, WithCheckpoint)
            .Named("publish rounds");
        if (settings.Freshness == TimeSpan.Zero) { return; }
        var (probes, estimates) = p.Subscribe(link, SplitTopics.Echoes.Of(name), NodesCodecs.LinkProbes)
            .ProbeLink(freshness: settings.Freshness);
        probes.Publish(link, $"sl/split/{name}/up/probe", NodesCodecs.LinkProbes);
        estimates.Publish(link, $"sl/split/{name}/up/link", NodesCodecs.LinkEstimates);
    });

    internal static Pipeline Edge(string name, SplitSettings settings, ITransport link) => Pipeline.Define(name, p =>
    {
        var versions = p.Subscribe(link, SplitTopics.Versions, LearningCodecs.Weights);
        var plans = p.Subscribe(link, SplitTopics.Plans, LearningCodecs.SplitPlans);
        var transfers = p.Subscribe(link, SplitTopics.SessionsOf(name), LearningCodecs.SessionTransfers);
        var batches = p.Subscribe(link, SplitTopics.BatchesOf(name), LearningCodecs.Activations);
        versions.ForEach("newest", static version => Console.WriteLine($"has version {version.Version}"));
        plans.ForEach("plans", static plan => Console.WriteLine($"plan {plan.Split}"));
        if (settings.Planner is not null)
        {
            var links = p.Subscribe(link, SplitTopics.Links, NodesCodecs.LinkEstimates);
            (plans, var planned) = batches.PlanSplits(LayerCosts.Of(SplitTopics.Network), links, SplitPlanning.Of(settings));
            planned.ForEach("planned",
                static plan => Console.WriteLine($"planned {string.Join(", ", plan.Devices.Select(static d => d.Split))}"));
            p.Subscribe(link, SplitTopics.Probes, NodesCodecs.LinkProbes).EchoProbes()
                .PublishTo(link, SplitTopics.Echoes, NodesCodecs.LinkProbes, static e => e.Device);
        }

        var (gradients, updates, moves) = batches.ServeSplit(
            SplitTopics.Network, versions, new() { Split = settings.Split, Training = settings.Training }, plans, transfers);
        gradients.PublishTo(link, SplitTopics.Gradients, LearningCodecs.BoundaryGradients, static g => g.Device,
            new() { WithCheckpoint = settings.Holds });
        updates.Publish(link, $"sl/split/{name}/up/delta", LearningCodecs.Deltas);
        moves.PublishTo(link, SplitTopics.Sessions, LearningCodecs.SessionTransfers, static m => m.Recipient);
    });

    internal static Pipeline Aggregator(string name, SplitSettings settings, ITransport link, string folder) => Pipeline.Define(name, p =>
    {
        var (versions, rounds) = p.Subscribe(link, SplitTopics.Updates, LearningCodecs.Deltas)
            .Aggregate(SplitTopics.Network, new FedAvg(settings.Devices), new() { Averaging = Averaging.None });
        versions.ForEach("versions", version =>
        {
            var bytes = MemoryMarshal.AsBytes(version.Values.AsSpan());
            File.WriteAllBytes(Path.Combine(folder, $"version-{version.Version}"), bytes);
            Console.WriteLine($"version {version.Version} is {Convert.ToHexStringLower(SHA256.HashData(bytes))}");
        });
        versions.Publish(link, SplitTopics.Versions, LearningCodecs.Weights, retain: true);
        rounds.Discard();
    });
}
