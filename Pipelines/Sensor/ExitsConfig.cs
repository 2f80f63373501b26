using System.Globalization;
using StreamLearn.Models;

namespace Sensor;

internal sealed record ExitsConfig(double Loss, double Confidence, AdaptiveExits? Adaptive)
{
    private const double FewestPerMille = 0.001, Most = 0.5;

    internal static ExitsConfig? Read(ConfigMap answer)
    {
        var exits = answer["exits", "allowed loss by early exits"].Optional(static m =>
        {
            var loss = m["loss", "most accuracy lost on average"].Number(FewestPerMille, Most).Or(0.01);
            var confidence = m["confidence", "least confidence of the promise in `model`'s file"].Number(0.51, 0.999).Or(0.95);
            var adapt = m["adapt", "compares windows while answering and adjusts thresholds"].Boolean().Or(false);
            var audit = m["audit", "with `adapt`: share compared; tenfold for 256 windows after a new version"]
                .Number(FewestPerMille, Most);
            if (!adapt && audit.IsGiven) { m["audit"].Refuse("expected 'adapt: true' too: only then are windows compared"); }
            var share = audit.Or(0.02, isShown: adapt);
            return new ExitsConfig(loss, confidence, adapt ? new() { Bound = loss, Share = share } : null);
        });
        if (exits is null) { return null; }
        answer.RefuseGiven(exits.Adaptive is null ? ["leave"] : ["leave", "work"],
            static key => $"expected no '{key}' with 'exits': both decide when a window exits");
        if (exits.Adaptive is null && answer["model"].IsAbsent)
        {
            answer["exits"].Refuse("expected 'model: FILE' too, a file with the measured loss of its exits, or 'adapt: true'");
        }

        return exits;
    }

    internal ExitRule? Rule(LoadedModel? pinned) => WhyNot(pinned) is null ? pinned!.Card.ExitRule : null;

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
