using StreamLearn.Simulated;
using System.CommandLine;
using System.Globalization;
using StreamLearn.Programs;
using StreamLearn.Samples;
using TauDemo;

namespace Partition;

/// <summary>Where each layer trains: the plans of the planners, and the published figures beside ours.</summary>
internal static class TrainCommand
{
    internal static Command Create()
    {
        var tables = new Option<bool>("--tables") { Description = "Print the published figures beside ours. Default: print plans." };
        var fleet = new Option<bool>("--fleet") { Description = "Run 21 devices of three kinds until they have learned." };
        var set = new Option<string[]>("--set")
        {
            Description = "A setting, as often as needed: alpha=0 to 1, what time counts beside energy (default .5); uplink=FILE and "
                + "downlink=FILE, rates as lines t,bit/s; har=FOLDER, activity recordings, none: people are generated; cifar=FOLDER, "
                + "CIFAR-10's binary files, to train on.",
            HelpName = "name=value",
        };
        var seed = Numbers.Whole("--seed", null, "Seed of FedAdapt's agents, of the fleet, and of images.", 0, int.MaxValue, 0);
        var json = new Option<FileInfo?>("--json")
        {
            Description = "Write the figures of --tables or --fleet to a file as well.",
            HelpName = "file",
        };
        var command = new Command("train", "Plan where each layer of a network trains: FedAdapt, FedFly, ARES.")
        {
            tables, fleet, set, seed, json,
        };
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(
            parsed.GetValue(set) ?? [], parsed.GetValue(seed), parsed.GetValue(tables), parsed.GetValue(fleet), parsed.GetValue(json),
            parsed.InvocationConfiguration.Output, cancellation)));
        return command;
    }

    private static int Run(
        string[] set, long seed, bool isTables, bool isFleet, FileInfo? json, TextWriter output, CancellationToken cancellation)
    {
        try
        {
            var settings = set.Aggregate(new TrainSettings { Seed = seed }, static (settings, text) => settings.With(text));
            if (isTables && isFleet) { throw new FormatException("--fleet: expected no --tables"); }
            if (!isTables && !isFleet && json is not null) { throw new FormatException("--json: expected --tables or --fleet too"); }
            return isFleet ? FleetCommand.Run(settings, json, output, cancellation)
                : isTables ? Tables(settings, json, output, cancellation)
                : Plans(settings, output, cancellation);
        }
        catch (FormatException e)
        {
            return CommandLine.Fail(ExampleRun.Wrong, e.Message);
        }
        catch (OperationCanceledException)
        {
            return ExampleRun.Interrupted;
        }
        catch (IOException e) when (StandardOutput.IsClosed(e))
        {
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or HarFormatException or CifarFormatException)
        {
            return CommandLine.Fail(ExampleRun.Unusable, e.Message);
        }
    }

    private static int Tables(TrainSettings settings, FileInfo? json, TextWriter output, CancellationToken cancellation)
    {
        var begun = TimeProvider.System.GetTimestamp();
        Figure[] figures =
        [
            .. FedAdaptFigures.Of(settings, Show, cancellation), .. FedFlyFigures.Of(settings), .. AresFigures.Of(settings),
        ];
        if (!Console.IsErrorRedirected) { Console.Error.Write($"\r{new string(' ', 72)}\r"); }
        if (json is not null) { File.WriteAllText(json.FullName, FigureTable.Json(figures)); }
        output.WriteLine("Against classic federated learning, by the cost model; FedFly: against starting the round again.");
        foreach (var line in FigureTable.Lines(figures)) { output.WriteLine(line); }
        var took = TimeProvider.System.GetElapsedTime(begun).TotalSeconds;
        output.WriteLine();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"alpha {settings.Alpha}, seed {settings.Seed}, {took:F0} s, agents included"));
        return 0;
    }

    private static int Plans(TrainSettings settings, TextWriter output, CancellationToken cancellation)
    {
        output.WriteLine(ShownPlans.Setting(settings));
        output.WriteLine();
        foreach (var (title, plan) in ShownPlans.Of(settings))
        {
            output.WriteLine(title);
            output.WriteLine(plan);
            output.WriteLine();
        }

        if (settings.Cifar is { } folder) { ShownImages.Write(folder, settings.Seed, output, cancellation); }
        return 0;
    }

    /// <summary>Says how far the agents are.</summary>
    private static void Show(string what, int agent, int episode)
    {
        if (!Console.IsErrorRedirected) { Console.Error.Write($"\r{$"FedAdapt, {what}: agent {agent}, episode {episode}",-72}"); }
        else if (agent == 1 && episode == 1) { Console.Error.WriteLine($"FedAdapt, {what}: agents learn"); }
    }
}
