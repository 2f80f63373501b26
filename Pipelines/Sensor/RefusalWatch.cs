using System.Collections.Frozen;
using System.Globalization;

namespace Sensor;

/// <summary>Warns once for each notable refusal reason. <paramref name="model"/>: differences to the fleet's model.</summary>
internal sealed class RefusalWatch(
    SensorConfig config, ModelWatch model, IReadOnlyList<(string Name, Func<string, long> Counter)> devices, Action<string> say)
{
    private const int LeastUntaught = 10;

    /// <summary>Faults of an update; late or duplicate ones are normal.</summary>
    private static readonly FrozenDictionary<string, string> Faults = new Dictionary<string, string>
    {
        ["shape"] = "it says that it is of this model, and has another number of values or channels",
        ["identity"] = "its number is far before the newest one of the device",
        ["version"] = "it was learned from a version that there is not",
        ["non-finite"] = "a value in it is infinite or not a number",
        ["norm"] = "it changes the model much more than the updates of the other devices do",
        ["rolled-back"] = "the device took back each of its steps, as the loss or a weight was infinite or not a number",
        ["flood"] = "the device sends more than twice as many updates as all the others together, so fast that theirs would be stale",
        ["share"] = "the round has as many of its updates as of all the other devices together",
        ["fleet-full"] = "the aggregator knows as many devices as it can, and this is another one",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly HashSet<(string What, string Device)> _said = [];

    /// <summary>Excludes counts before the start, already reported.</summary>
    internal static Func<string, long> Since(IReadOnlyDictionary<string, long> before, Func<string, long> counted) =>
        name => counted(name) - before.GetValueOrDefault(name);

    internal void Look()
    {
        OfEach("updates-refused-schema", (device, _) =>
            $"the aggregator refuses the updates of {device} as 'schema': "
                + (model.Difference ?? $"the two have different models; this one's is {config.Model}"));
        OfEach("updates-refused-fenced", (device, _) =>
            $"the aggregator refuses the updates of {device} as 'fenced': a device of that name has started later, with another state "
                + "folder, or somebody else sends in its name. Let only one of them run. To keep this one, stop it, move "
                + $"{config.Link.OpenState().Of(device)} away, and start it again. If it is still refused then, {Forget(device)}");
        OfEach("updates-refused-two-programs", (device, _) =>
            $"the aggregator refuses the updates of {device} as 'two-programs': another program runs under the same name with a copy of "
                + $"this state, such as one on a copied card. Stop one of them, move its {config.Link.OpenState().Of(device)} away, and "
                + "give it a name of its own");
        OfEach("updates-refused-implausible-epoch", (device, _) =>
            $"the aggregator refuses the updates of {device} as 'implausible-epoch': by the aggregator's clock it started more than a day "
                + $"ahead. Set both clocks, stop the device, move {config.Link.OpenState().Of(device)} away, and start it again");
        OfEach("updates-refused-quarantined", (device, _) =>
            $"the aggregator takes nothing of {device} for ten minutes ('quarantined'): many of its messages could not be true, such as "
                + $"updates that are not finite. To end that sooner, {Forget(device)}");
        OfEach("numbers-passed-over", static (device, count) => string.Create(CultureInfo.InvariantCulture,
            $"the state of {device} is an older one: the aggregator has received {count} more updates from it; it continues after them"));
        OfEach("updates-renumbered", static (device, count) => string.Create(CultureInfo.InvariantCulture,
            $"{count} updates of {device} had numbers that it had given to others before its state was put back; they are sent again"));
        OfEach("updates-lost", static (device, count) => string.Create(CultureInfo.InvariantCulture,
            $"{count} updates of {device} that an aggregator had accepted are lost: it restarted without them, or another one is there"));
        OfEach("updates-refused-no-samples", static (device, count) => string.Create(CultureInfo.InvariantCulture,
            $"{device} learns nothing while its rows are all of one class: {count} updates so far; ")
                + "adjust_logits: false under learn lets it", LeastUntaught);
        foreach (var (reason, meaning) in Faults)
        {
            OfEach($"updates-refused-{reason}", (device, _) =>
                $"the aggregator has refused an update of {device} as '{reason}': {meaning}; status counts them");
        }
    }

    private static string Forget(string device) =>
        $"run streamlearn-aggregator devices forget {device} with the aggregator's configuration";

    private void OfEach(string counter, Func<string, long, string> text, long least = 1)
    {
        foreach (var (name, counted) in devices)
        {
            var count = counted(counter);
            if (count >= least && _said.Add((counter, name))) { say(text(name, count)); }
        }
    }
}
