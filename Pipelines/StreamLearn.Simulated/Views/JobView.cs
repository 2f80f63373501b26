using System.Globalization;
using Spectre.Console;

namespace StreamLearn.Simulated;

internal abstract class JobView
{
    /// <summary>A live table on a terminal, otherwise plain lines.</summary>
    internal static JobView Create() => Console.IsOutputRedirected || AnsiConsole.Profile.Width < 72 ? new PlainView() : new LiveView();

    internal static void Start(FleetOptions options, List<FleetRun> runs, string? goesOn = null)
    {
        var (run, network) = (runs[0], runs[0].Network);
        Line($"{options.Title}   seed {options.Seed}   {run.Source.Devices.Length} devices   "
            + $"{options.HostName}   {string.Join(" + ", runs.Select(r => r.Mode.Name))}");
        Line($"  data     {run.Source.Description}");
        Line($"  pretends {World.TextOf(run, options)}");
        var exits = string.Join(" and ", network.MultiplyAddsTo.Select(m => m.ToString("N0", CultureInfo.InvariantCulture)));
        Line($"  model    {network.Plan.Values.ToString("N0", CultureInfo.InvariantCulture)} values, exits after {exits} multiply-adds");
        foreach (var note in run.Source.Notes) { Line($"  noted    {note}"); }
        if (run.Source.Choice is { } choice) { Line($"  chosen   {choice}"); }
        if (goesOn is not null) { Line($"  saved    {goesOn}"); }
        Line("");
    }

    /// <summary>The action that is passed is called often, from any thread, but draws rarely.</summary>
    internal abstract Task<List<FinishedRun>> ShowAsync(Func<Action<RunningFleet>, Task<List<FinishedRun>>> run);

    internal void Finish(FleetOptions options, FleetResult result, string model)
    {
        End(result);
        Line("");
        var virtualTime = result.VirtualSeconds is { } time ? FormattableString.Invariant($" ({time:0} s of virtual time per run)") : "";
        Line(FormattableString.Invariant($"Done in {result.WallSeconds:0.0} s{virtualTime}.  accuracy {result.Accuracy:0.000} with ")
            + FormattableString.Invariant($"early exits on {result.TestRows:N0} windows of unseen {result.Judges}")
            + Majority.OfNow(result.AccuracyOfNow));
        foreach (var run in result.Runs) { Line($"  {run.Mode,-10} {RunText(result, run)}"); }
        foreach (var spread in result.Seeds ?? []) { Line($"  {spread.Mode,-10} {spread.Text}"); }
        if (result.BestVersion is { } best)
        {
            Line(string.Create(CultureInfo.InvariantCulture,
                $"  version    {best:N0} of {result.Versions:N0}, the best for devices left out; the last has accuracy "
                    + $"{result.AccuracyOfLast:0.000}"));
        }

        Line(string.Create(CultureInfo.InvariantCulture,
            $"  exits      {result.EarlyExitShare:P0} of the rows leave early: {result.MacsFraction:0.00} of the multiply-adds, "
                + $"{result.InferenceTimeFraction:0.00} of the time, "
                + $"accuracy {result.Accuracy:0.000} against {result.AccuracyFullNetwork:0.000}"));
        if (result.CodeText is { } code) { Line($"  code       {code}"); }
        if (result.BoundText is { } bound) { Line($"  bound      {bound}"); }
        if (HeldAnswers.Nothing(result.Chance) is { } nothing) { Doubtful($"  noted      {nothing}"); }
        if (result.Majority.Beside(result.Accuracy, result.TestRows) is { } trivial) { Doubtful($"  noted      {trivial}"); }
        if (Majority.BesideNow(result.Accuracy, result.AccuracyOfNow) is { } vain) { Doubtful($"  noted      {vain}"); }
        Line($"  rows       {result.Main.Ledger.Text}");
        Line($"  messages   {result.Main.Messages.Text}");
        Line(string.Create(CultureInfo.InvariantCulture,
            $"  learning   {result.RowsTrained:N0} samples processed   {result.UpdatesApplied:N0} updates applied   {result.Versions:N0} "
                + $"model versions   {result.BytesUp / 1024.0:N0} KiB sent up   own rows, each answered before learning from it: "
                + $"{result.PrequentialAccuracy:0.000}"));
        Line($"  weights    sha256 {result.WeightsSha256}");
        Line($"  report     {Path.Join(options.Out.ToString(), "report.html")}");
        Line($"  model      {model}");
        if (options.AnswerCommand(model) is { } command) { Line($"  answers    {command}"); }
        foreach (var doubt in result.Doubts) { Doubtful($"  doubts     {doubt.Mode}: {doubt.Text}"); }
        if (result.UpdatesLost > 0)
        {
            Line(FormattableString.Invariant($"  LOST       {result.UpdatesLost:N0} updates: the aggregator accepted them, ")
                + "and was restarted before it used them");
        }

        foreach (var device in result.Devices.Where(d => d.Failure is not null)) { Line($"  FAILED     {device.Name}: {device.Failure}"); }
    }

    protected abstract void End(FleetResult result);

    protected virtual void Doubtful(string text) => Line(text);

    protected static void Line(string text) => Console.Out.WriteLine(text);

    private static string RunText(FleetResult result, RunResult run)
    {
        var time = run.SecondsToTarget is { } seconds
            ? string.Create(CultureInfo.InvariantCulture,
                $", {result.Target:0.00} after {seconds:0} s")
            : string.Create(CultureInfo.InvariantCulture, $", {result.Target:0.00} not reached");
        return string.Create(CultureInfo.InvariantCulture,
            $"accuracy {run.Accuracy:0.000}{time}   best {run.BestAccuracy:0.000} (version {run.BestVersion:N0})   "
                + $"{run.Versions:N0} versions");
    }
}
