using System.Collections.Immutable;
using System.Globalization;

namespace Partition;

/// <summary>Runs the fleet and prints its table.</summary>
internal static class FleetCommand
{
    private const int People = 21;
    private const int ShownEach = 10;           // rounds, where progress goes to a file

    internal static int Run(TrainSettings settings, FileInfo? json, TextWriter output, CancellationToken cancellation)
    {
        if (settings.Downlink is not null)
        {
            throw new FormatException("--set downlink: expected --set uplink=, which a fleet plays both ways");
        }

        var begun = TimeProvider.System.GetTimestamp();
        Say("reads the people");
        var rows = FleetRows.Of(settings.Har, settings.Seed);
        var setup = new FleetSetup(rows, FleetDevices.Of(People, settings.Uplink?.Link), settings.Seed);
        Say("finds the best common split");
        var figures = FleetFigures.Of(setup, settings.Alpha, Show, cancellation);
        if (!Console.IsErrorRedirected) { Console.Error.Write($"\r{new string(' ', 72)}\r"); }
        if (json is not null) { File.WriteAllText(json.FullName, FleetTable.Json(figures, settings.Alpha)); }
        Print(rows, figures, settings, output);
        var took = TimeProvider.System.GetElapsedTime(begun).TotalSeconds;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"alpha {settings.Alpha}, seed {settings.Seed}, {took:F0} s"));
        return 0;
    }

    private static void Print(FleetRows rows, ImmutableArray<FleetRow> figures, TrainSettings settings, TextWriter output)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{People} devices with the windows of a person each ({rows.Text}), until {rows.Target:P0} of {rows.Judges.Count} windows of "
            + $"others are right, {PlannedRun.Consecutive} rounds in a row."));
        output.WriteLine();
        foreach (var line in FleetTable.Lines(figures, settings.Alpha)) { output.WriteLine(line); }
        output.WriteLine();
        output.WriteLine(
            $"Layers on the devices of each kind; {figures[0].Kinds[0].Split} are all. Time and energy are against plain FedAvg.");
    }

    private static void Show(string plan, int round, FleetPoint at)
    {
        if (!Console.IsErrorRedirected || round == 1 || round % ShownEach == 0)
        {
            Say(string.Create(CultureInfo.InvariantCulture, $"{plan}: round {round}, {at.Accuracy:P1}"));
        }
    }

    private static void Say(string text)
    {
        if (Console.IsErrorRedirected) { Console.Error.WriteLine($"fleet, {text}"); }
        else { Console.Error.Write($"\r{$"fleet, {text}",-72}"); }
    }
}
