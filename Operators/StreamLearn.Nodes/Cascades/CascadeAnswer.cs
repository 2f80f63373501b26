using StreamLearn.Learning;

namespace StreamLearn.Nodes;

/// <summary>An answer of a cascade.</summary>
public sealed record CascadeAnswer : ISized, IPrivate
{
    /// <summary>The key of the question.</summary>
    public required long Key { get; init; }

    /// <summary>Who asked.</summary>
    public string Source { get; init; } = "";

    /// <summary>The class; −1 if the answer is a text, or there is none.</summary>
    public int Class { get; init; } = -1;

    /// <summary>The text; empty if the answer is a class.</summary>
    public string Text { get; init; } = "";

    /// <summary>How sure the tier was, 0 to 1.</summary>
    public float Confidence { get; init; }

    /// <summary>The tier that answered: 0 the device.</summary>
    public int Tier { get; init; }

    /// <summary>Why it is this answer.</summary>
    public CascadeOutcome Outcome { get; init; }

    /// <summary>That of the question: an answer goes no further than what it answers.</summary>
    public PrivacyLabel Privacy { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 64 + Text.Length;

    /// <inheritdoc />
    public int Rows => 1;

    /// <summary>The better of two answers to one question: the surer one; of two that are equally sure that of the higher tier. One that is
    /// not a number is not sure at all.</summary>
    /// <param name="own">The own answer.</param>
    /// <param name="higher">That of the higher tier.</param>
    public static CascadeAnswer Better(CascadeAnswer own, CascadeAnswer higher)
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(higher);
        return higher.Confidence >= own.Confidence || (float.IsNaN(own.Confidence) && !float.IsNaN(higher.Confidence))
            ? higher with { Outcome = CascadeOutcome.Better, Privacy = own.Privacy }
            : own with { Outcome = CascadeOutcome.Kept };
    }
}
