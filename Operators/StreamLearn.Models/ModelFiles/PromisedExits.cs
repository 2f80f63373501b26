using System.Globalization;

namespace StreamLearn.Models;

/// <summary>A guaranteed maximum loss of a saved model's exits, or why there is none; stored in the model card. Immutable.</summary>
/// <param name="Loss">Maximum loss of accuracy compared with the whole network, 0 to 1.</param>
/// <param name="Confidence">How often such a guarantee holds, between 0.5 and 1.</param>
/// <param name="Groups">Number of tested groups, such as people or machines.</param>
/// <param name="Refusal">Why there is no guarantee; <see cref="ExitRefusal.None"/> if there is one.</param>
public sealed record PromisedExits(double Loss, double Confidence, int Groups, ExitRefusal Refusal)
{
    private const string LossKey = "exits-loss", ConfidenceKey = "exits-confidence";
    private const string GroupsKey = "exits-groups", RefusalKey = "exits-refusal";

    /// <summary>Converts the result of <see cref="ExitJudgement.CheapestWithin"/>.</summary>
    public static PromisedExits Of(ExitPromise promise)
    {
        ArgumentNullException.ThrowIfNull(promise);
        return new(promise.AccuracyDrop, promise.Confidence, promise.Groups, promise.Refusal);
    }

    /// <summary>Reads a guarantee from a card; null if the card has none.</summary>
    public static PromisedExits? Of(ModelCard card)
    {
        ArgumentNullException.ThrowIfNull(card);
        return Number(LossKey) is >= 0 and <= 1 and var loss && Number(ConfidenceKey) is > 0.5 and < 1 and var confidence
            && int.TryParse(Text(GroupsKey), NumberStyles.None, CultureInfo.InvariantCulture, out var groups)
            && Enum.TryParse<ExitRefusal>(Text(RefusalKey), out var refusal) && Enum.IsDefined(refusal)
            ? new(loss, confidence, groups, refusal) : null;

        string? Text(string key) => card.Provenance.GetValueOrDefault(key);
        double Number(string key) => double.TryParse(Text(key), CultureInfo.InvariantCulture, out var number) ? number : double.NaN;
    }

    /// <summary>Adds the guarantee to a card.</summary>
    public ModelCard On(ModelCard card)
    {
        ArgumentNullException.ThrowIfNull(card);
        return card with
        {
            Provenance = card.Provenance
                .SetItem(LossKey, Loss.ToString("R", CultureInfo.InvariantCulture))
                .SetItem(ConfidenceKey, Confidence.ToString("R", CultureInfo.InvariantCulture))
                .SetItem(GroupsKey, Groups.ToString(CultureInfo.InvariantCulture))
                .SetItem(RefusalKey, Refusal.ToString()),
        };
    }

    /// <summary>Returns why this does not guarantee the given loss for new groups; null: it does.</summary>
    public string? WhyNot(double loss, double confidence) => this switch
    {
        { Refusal: ExitRefusal.TooFewGroups } or { Refusal: ExitRefusal.None, Groups: < ExitJudgement.MinGroups } => Because(
            $"expected at least {ExitJudgement.MinGroups} groups to measure it, got {Groups}", ExitRefusal.TooFewGroups),
        { Refusal: ExitRefusal.TooFewRows } => Because($"it was measured on too few rows", Refusal),
        { Refusal: ExitRefusal.NotShown } => Because($"its {Groups} groups do not prove it for any choice", Refusal),
        _ when Loss > loss || Confidence < confidence => string.Create(CultureInfo.InvariantCulture,
            $"it guarantees {this}; expected a loss of at most {loss:P2} with confidence {confidence:P1}"),
        _ => null,
    };

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"a loss of at most {Loss:P2} with confidence {Confidence:P1}, measured on {Groups} groups");

    private static string Because(FormattableString reason, ExitRefusal refusal) => $"{FormattableString.Invariant(reason)} ({refusal})";
}
