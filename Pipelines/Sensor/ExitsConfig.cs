using System.Globalization;
using StreamLearn.Models;

namespace Sensor;

/// <summary>Allowed loss by early exits.</summary>
internal sealed record ExitsConfig(double Loss, double Confidence, AdaptiveExits? Adaptive)
{
    private const double FewestPerMille = 0.001, Most = 0.5;

    /// <summary>Reads <c>answer.exits</c>.</summary>
    internal static ExitsConfig? Read(ConfigMap answer)
    {
        if (answer["exits"].IsAbsent) { return null; }
        var exits = answer.Section("exits", static m =>
        {
            var (loss, confidence) = (m["loss"].Number(FewestPerMille, Most).Or(0.01), m["confidence"].Number(0.51, 0.999).Or(0.95));
            var (adapt, audit) = (m["adapt"].Boolean().Or(false), m["audit"].Number(FewestPerMille, Most));
            if (!adapt && audit.IsGiven) { m["audit"].Refuse("expected 'adapt: true' too: only then are windows compared"); }
            return new ExitsConfig(loss, confidence, adapt ? new() { Bound = loss, Share = audit.Or(0.02) } : null);
        });
        var others = exits.Adaptive is null ? new[] { "leave" } : ["leave", "work"];
        foreach (var key in others.Where(key => !answer[key].IsAbsent))
        {
            answer[key].Refuse($"expected no '{key}' with 'exits': both decide when a window exits");
        }

        if (exits.Adaptive is null && answer["model"].IsAbsent)
        {
            answer["exits"].Refuse("expected 'model: FILE' too, a file with the measured loss of its exits, or 'adapt: true'");
        }

        return exits;
    }

    /// <summary>Returns the exit rule; null where the pinned file cannot promise the loss.</summary>
    internal ExitRule? Rule(LoadedModel? pinned) => WhyNot(pinned) is null ? pinned!.Card.ExitRule : null;

    /// <summary>The promise, or why none.</summary>
    internal string Text(LoadedModel? pinned) => Adaptive is { } adaptive
        ? string.Create(CultureInfo.InvariantCulture,
            $"windows leave early as long as they lose at most {Loss:P2} on average; {adaptive.Share:P1} of them are compared with the "
                + $"whole ")
            + $"model, at first all of them; {Promise(pinned)}"
        : $"{(WhyNot(pinned) is null ? "windows leave early" : "no window leaves early")}; {Promise(pinned)}";

    private string Promise(LoadedModel? pinned) => WhyNot(pinned) is { } reason ? $"no guarantee: {reason}"
        : Adaptive is null ? $"the file guarantees {PromisedExits.Of(pinned!.Card)}" : "with its thresholds the file guarantees "
            + $"{PromisedExits.Of(pinned!.Card)}";

    private string? WhyNot(LoadedModel? pinned) =>
        pinned is null ? "a fleet's version is not evaluated"
        : pinned.Card.ExitRule is null || PromisedExits.Of(pinned.Card) is not { } promised
            ? "the model file has no measured loss of its exits; 'streamlearn fit' writes it"
        : promised.WhyNot(Loss, Confidence);
}
