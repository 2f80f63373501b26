namespace StreamLearn.Nodes;

/// <summary>An answer of a cascade.</summary>
public sealed record CascadeAnswer : ISized, IPrivate
{
    /// <summary>The key of the question.</summary>
    public required long Key { get; init; }

    /// <summary>The pipeline that asks.</summary>
    public string Source { get; init; } = "";

    /// <summary>The class; −1: the answer is a text, or there is none.</summary>
    public int Class { get; init; } = -1;

    /// <summary>The text; empty for a class.</summary>
    public string Text { get; init; } = "";

    /// <summary>Confidence of the tier, 0 to 1.</summary>
    public float Confidence { get; init; }

    /// <summary>The number of the tier that answered; 0: the device.</summary>
    public int Tier { get; init; }

    /// <summary>Why this answer was given.</summary>
    public CascadeOutcome Outcome { get; init; }

    /// <summary>The label of the question.</summary>
    public PrivacyLabel Privacy { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 64 + Text.Length;

    /// <inheritdoc />
    public int Rows => 1;

    /// <summary>Returns the more confident answer; on a tie, that of the higher tier. NaN counts as no confidence.</summary>
    /// <param name="own">The answer of this tier.</param>
    /// <param name="higher">The answer of the higher tier.</param>
    public static CascadeAnswer Better(CascadeAnswer own, CascadeAnswer higher)
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(higher);
        return higher.Confidence >= own.Confidence || (float.IsNaN(own.Confidence) && !float.IsNaN(higher.Confidence))
            ? higher with { Outcome = CascadeOutcome.Better, Privacy = own.Privacy }
            : own with { Outcome = CascadeOutcome.Kept };
    }

    internal static CascadeAnswer? Fields(ref FrameFields f, CascadeAnswer? a)
    {
        var (isAnswer, key) = (f.Has(2, true), f.Long(a?.Key));
        var (source, text) = NodesCodecs.Texts(ref f, a?.Source, a?.Text);
        var (label, confidence, tier) = (f.Int(a?.Class, min: -1), f.Single(a?.Confidence), f.Int(a?.Tier, min: 0));
        var outcome = (CascadeOutcome)f.Byte((byte?)a?.Outcome, (byte)CascadeOutcome.Full);
        var privacy = NodesCodecs.Label(ref f, a?.Privacy ?? default);
        return !f.HasRead(isAnswer && confidence is >= 0 and <= 1) ? a : new()
        {
            Key = key,
            Source = source,
            Text = text,
            Class = label,
            Confidence = confidence,
            Tier = tier,
            Outcome = outcome,
            Privacy = privacy,
        };
    }
}
