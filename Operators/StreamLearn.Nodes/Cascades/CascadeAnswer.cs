namespace StreamLearn.Nodes;

/// <summary>An answer of a cascade.</summary>
public sealed record CascadeAnswer : ISized, IPrivate
{
    /// <summary>The key of the question.</summary>
    public required long Key { get; init; }

    /// <summary>The asking pipeline.</summary>
    public string Source { get; init; } = "";

    /// <summary>The class; −1: a text, or no answer.</summary>
    public int Class { get; init; } = -1;

    /// <summary>The text; empty for a class.</summary>
    public string Text { get; init; } = "";

    /// <summary>Confidence of the tier, 0 to 1.</summary>
    public float Confidence { get; init; }

    /// <summary>The answering tier; 0: the device.</summary>
    public int Tier { get; init; }

    /// <summary>Why this answer was given.</summary>
    public CascadeOutcome Outcome { get; init; }

    /// <summary>The question's label.</summary>
    public PrivacyLabel Privacy { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 64 + Text.Length;

    /// <inheritdoc />
    public int Rows => 1;

    /// <summary>Returns the more confident answer; of equals, the higher tier's. NaN counts as no confidence.</summary>
    /// <param name="own">The own answer.</param>
    /// <param name="higher">The higher tier's answer.</param>
    public static CascadeAnswer Better(CascadeAnswer own, CascadeAnswer higher)
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(higher);
        return higher.Confidence >= own.Confidence || (float.IsNaN(own.Confidence) && !float.IsNaN(higher.Confidence))
            ? higher with { Outcome = CascadeOutcome.Better, Privacy = own.Privacy }
            : own with { Outcome = CascadeOutcome.Kept };
    }
}
