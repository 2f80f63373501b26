using Spectre.Console;
using StreamLearn.Learning;

namespace Quickstart;

/// <summary>What a person sees of the run.</summary>
internal abstract class FleetView
{
    /// <summary>A live table on a terminal, plain lines elsewhere.</summary>
    internal static FleetView Create() => Console.IsOutputRedirected || AnsiConsole.Profile.Width < 72 ? new PlainView() : new LiveView();

    internal static void Start(QuickstartOptions options, FleetSource source, IModel model)
    {
        var what = options.Replay is null ? options.Host.ToString().ToLowerInvariant() : "replay";
        Line($"StreamLearn quickstart   seed {options.Seed}   {source.Devices.Length} devices   {what}   "
            + $"{options.Aggregation.ToString().ToLowerInvariant()}");
        Line($"  data     {source.Description}");
        Line($"  model    {model}, {model.Plan.Values} values, {model.Plan.MultiplyAdds} multiply-adds a row");
        Line("");
    }

    /// <summary>Runs the fleet and shows it meanwhile. The action it hands in is called often and draws seldom.</summary>
    internal abstract Task<RunningFleet> ShowAsync(Func<Action<RunningFleet>, Task<RunningFleet>> run);

    internal void Finish(FleetResult result)
    {
        End(result);
        Line("");
        Line($"Done in {result.WallSeconds:0.0} s{(result.VirtualSeconds is { } time ? $" ({time:0} s of virtual time)" : "")}.  accuracy "
            + $"{result.Accuracy:0.000} on {result.TestRows:N0} unseen windows   {result.PrequentialAccuracy:0.000} on their own rows "
            + "before learning from them");
        Line($"  rows     {result.Ledger.Text}");
        Line($"  learning {result.RowsTrained:N0} row visits   {result.UpdatesApplied:N0} updates applied   {result.Versions:N0} model "
            + $"versions   {result.BytesUp / 1024.0:N0} KiB sent up");
        Line($"  weights  sha256 {result.WeightsSha256}");
        foreach (var device in result.Devices.Where(d => d.Failure is not null)) { Line($"  FAILED   {device.Name}: {device.Failure}"); }
    }

    protected abstract void End(FleetResult result);

    protected static void Line(string text) => Console.Out.WriteLine(text);
}
