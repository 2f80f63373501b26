using System.CommandLine;
using System.Text.Json;

namespace Papers;

internal static class PartitionCommands
{
    internal static Command Create() => new("partition", "Placement of the layers of a network in training and inference.")
    {
        FigureCommand("train", "Figures of training: FedAdapt, FedFly, ARES. FedAdapt's agents are trained first.",
            "Against classic federated learning, by the cost model; FedFly: against starting the round again.", TrainingFigures.Of),
        FigureCommand("infer", "Figures of inference: EEoC, Neurosurgeon, EdgeShard, DISNET.",
            "By the cost model, one row at a time. EEoC: against the better of device only and server only; Neurosurgeon: against "
            + "server only.", static (seed, _) =>
                [.. RequestFigures.Of(), .. ShardFigures.Of(seed), .. MeshFigures.Of(seed)]),
        CommandLine.Of("falling", "Requests of a Jetson Nano while the link slows down: EEoC and each fixed cut.",
            static (_, _) => FallingLink.Lines()),
        FleetCommand(),
    };

    private static Command FigureCommand(
        string name, string description, string title, Func<long, CancellationToken, IEnumerable<Figure>> figures)
    {
        var seed = CommandLine.Seed();
        var json = new Option<bool>("--json") { Description = "Print the figures as JSON." };
        return CommandLine.Of(name, description, (parsed, cancellation) =>
        {
            Figure[] all = [.. figures(parsed.GetValue(seed), cancellation)];
            return parsed.GetValue(json)
                ? [JsonSerializer.Serialize(all, PapersJson.Default.FigureArray)]
                : Figure.Lines(all).Prepend(title);
        }, seed, json);
    }

    private static Command FleetCommand()
    {
        var seed = CommandLine.Seed();
        var folder = new Argument<DirectoryInfo?>("folder")
        {
            Description = "Folder of activity recordings; default: generated people.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        return CommandLine.Of("fleet", "Train on 21 devices of three kinds up to a target accuracy: FedAvg, the best common split, "
            + "ARES.",
            (parsed, cancellation) =>
            {
                var rows = FleetRows.Of(parsed.GetValue(folder)?.FullName, parsed.GetValue(seed));
                var setup = new FleetSetup(rows, FleetDevices.Of(rows.Learners.Length), parsed.GetValue(seed));
                return
                [
                    Invariant($"{setup.Devices.Length} devices with the windows of a person each ({rows.Text}), until {rows.Target:P0} of ")
                        + Invariant($"{rows.Judges.Count} windows of others are right, {PlannedRun.Consecutive} rounds in a row."),
                    .. FleetFigures.Lines(FleetFigures.Of(setup, .5, cancellation), .5),
                    $"Layers on the devices of each kind; {setup.Costs.Count} are all. Time and energy are against plain FedAvg.",
                ];
            }, folder, seed);
    }
}
