using System.Globalization;

namespace Aggregator;

/// <summary>Writes console notices, each once per occurrence.</summary>
internal sealed class FleetNotices(Action<string> say)
{
    private const int NamesShown = 5;

    private static readonly TimeSpan MissingFor = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SilentFor = TimeSpan.FromSeconds(30);      // the first steps of a slow device take long

    private readonly SaveWatch _saving = new(say);
    private bool _saysEnded;
    private (long Restored, long Recovered, long Overtaken, long Unknown, long Missing, long LeftOut, long Small) _said;
    private DateTimeOffset? _missingSince;
    private bool _saysMissing;

    /// <summary>Counts before a restart were already reported.</summary>
    internal void Begin(FleetCounters counters) =>
        _said = (counters.Restored, counters.Recovered, counters.Overtaken, counters.VersionsUnknown, counters.Missing,
            counters.LeftOut, counters.Small);

    internal void Say(FleetStatus status)
    {
        if (status.Counters.Restored > _said.Restored)
        {
            say(string.Create(CultureInfo.InvariantCulture, $"continues from version {status.Counters.RestoredVersion}, which the server ")
                + "had kept: this program's state is older or missing");
        }

        if (status.Counters.Recovered > _said.Recovered)
        {
            say(string.Create(CultureInfo.InvariantCulture, $"continues from version {status.Counters.RestoredVersion}, which a device ")
                + "sent back: this program's state is older");
        }

        if (status.Counters.Overtaken > _said.Overtaken)
        {
            say("another aggregator of this fleet is or was running; its devices have been told to follow this one");
        }

        if (status.Counters.VersionsUnknown > _said.Unknown)
        {
            var unknown = status.Counters.VersionsUnknown - _said.Unknown;
            say(string.Create(CultureInfo.InvariantCulture, $"devices have {unknown} versions ")
                + "that are missing here, because this state is older; the aggregator continues from its own version, with a higher "
                    + "number");
        }

        if (status.Counters.Missing > _said.Missing)
        {
            var missing = status.Counters.Missing - _said.Missing;
            say(string.Create(CultureInfo.InvariantCulture, $"this program's state is older: it lacks {missing} updates ")
                + "that devices have sent");
        }

        SayWhoIsLeftOut(status);
        SayHowItEnded(status);
        Begin(status.Counters);
        SayWhoIsMissing(status);
    }

    /// <summary>Reports when saving fails and when it recovers; updates are not answered in between.</summary>
    internal void SayUnsaved(Exception? failure) => _saving.Look("the state cannot be saved; messages are held back", failure);

    private void SayWhoIsLeftOut(FleetStatus status)
    {
        if (status.Counters.LeftOut > _said.LeftOut)
        {
            string[] names = [.. status.Devices.Where(static d => d.Reason == Round.LeftOut).Select(static d => d.Name)];
            say($"versions no longer wait for {Listed(names)}, which sends no update; when it sends one, they do again");
        }

        if (status.Counters.Small > 0 && _said.Small == 0)
        {
            say("few of the usual devices are left, so versions move little; if the others are gone for good: "
                + "streamlearn-aggregator devices forget NAME");
        }
    }

    private static string Listed(string[] names) => names.Length == 0 ? "a silent device"
        : string.Join(", ", names.Take(NamesShown)) + (names.Length > NamesShown ? ", …" : "");

    private void SayHowItEnded(FleetStatus status)
    {
        if (status.Budget is { HasEnded: true } budget && !_saysEnded)
        {
            say(string.Create(CultureInfo.InvariantCulture, $"learning has ended with version {status.Version}, because the budget ")
                + $"does not allow another round: {budget.Used}. Devices now have the version with the lowest loss; further updates are "
                    + $"refused");
        }

        _saysEnded = status.Budget is { HasEnded: true };
    }

    /// <summary>Reports a version that waits for more devices than are present or active.</summary>
    private void SayWhoIsMissing(FleetStatus status)
    {
        var alive = status.Counters.Alive;
        var waits = status.Facts.WaitsFor.TryGetValue(status.Strategy, out var devices) && status.Counters.InRound > 0;
        List<string> silent = waits && alive >= devices ? [.. SilentIn(status)] : [];
        if (!waits || (alive >= devices && silent.Count == 0))
        {
            (_missingSince, _saysMissing) = (null, false);
            return;
        }

        _missingSince ??= status.At;
        if (_saysMissing || status.At - _missingSince < (silent.Count == 0 ? MissingFor : SilentFor)) { return; }
        _saysMissing = true;
        var who = silent.Count > 0 ? "no update has arrived from " + string.Join(", ", silent.Take(NamesShown))
                + (silent.Count > NamesShown ? ", …" : "") + "; does it have rows with a label?"
            : alive == 1 ? "1 is alive" : string.Create(CultureInfo.InvariantCulture, $"{alive} are alive");
        say(string.Create(CultureInfo.InvariantCulture, $"no new version: {status.Strategy} waits for {devices} devices, and {who}"));
    }

    private static IEnumerable<string> SilentIn(FleetStatus status) => status.Devices
        .Where(d => d.StateAt(status.At, status.Facts.QuietAfter) == DeviceStanding.Waiting).Select(static d => d.Name);
}
