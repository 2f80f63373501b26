using System.Collections.Immutable;
using System.Text;
using StreamLearn.Learning;

namespace StreamLearn.Nodes;

/// <summary>An item that a cascade answers: numbers for a model, a text for a language model, or both.</summary>
public sealed record CascadeQuestion : ISized, IPrivate
{
    /// <summary>Bytes of a text in UTF-8 at most.</summary>
    public const int MaxTextBytes = 1 << 15;

    /// <summary>Which question of its source it is; no two that are open at once have the same.</summary>
    public required long Key { get; init; }

    /// <summary>Who asks; empty, the default: the pipeline of the first cascade, which sets it.</summary>
    public string Source { get; init; } = "";

    /// <summary>Features, or the embedding of the text; empty by default.</summary>
    public ImmutableArray<float> Values { get; init; } = [];

    /// <summary>A label for each value; empty, the default: all are public.</summary>
    public ImmutableArray<PrivacyLabel> ValueLabels { get; init; } = [];

    /// <summary>The text; empty by default.</summary>
    /// <exception cref="ArgumentException">It is longer than <see cref="MaxTextBytes"/>.</exception>
    public string Text
    {
        get;
        init => field = Encoding.UTF8.GetByteCount(value) <= MaxTextBytes ? value
            : throw new ArgumentException($"expected at most {MaxTextBytes} bytes of text", nameof(Text));
    }
    = "";

    /// <summary>How far the question as a whole may go; default <see cref="PrivacyLabel.Public"/>.</summary>
    public PrivacyLabel Label { get; init; }

    /// <summary>The label of the question or of its most private value, whichever is more private.</summary>
    public PrivacyLabel Privacy => MostPrivate(Label);

    /// <inheritdoc />
    public long SizeBytes => 64 + (4L * Values.Length) + Text.Length;

    /// <inheritdoc />
    public int Rows => 1;

    /// <summary>The question with 0 in place of each value that is more private than said. The text stays: it has the label of the
    /// question.</summary>
    /// <param name="carries">The most private that stays.</param>
    public CascadeQuestion Redacted(PrivacyLabel carries)
    {
        if (MostPrivate(PrivacyLabel.Public) <= carries) { return this; }
        var (values, labels) = (Values.ToBuilder(), ValueLabels.ToBuilder());
        for (var i = 0; i < Math.Min(values.Count, labels.Count); i++)
        {
            if (labels[i] > carries) { (values[i], labels[i]) = (0, PrivacyLabel.Public); }
        }

        return this with { Values = values.ToImmutable(), ValueLabels = labels.ToImmutable() };
    }

    private PrivacyLabel MostPrivate(PrivacyLabel most)
    {
        foreach (var label in ValueLabels) { most = label > most ? label : most; }
        return most;
    }

    /// <summary>True if it asks the same: the same text and the same values, bit for bit.</summary>
    internal bool AsksSame(CascadeQuestion other) => Text == other.Text && Values.AsSpan().SequenceEqual(other.Values.AsSpan());

    /// <inheritdoc />
    public bool Equals(CascadeQuestion? other) => other is not null && (Source, Key, Label) == (other.Source, other.Key, other.Label)
        && AsksSame(other) && ValueLabels.AsSpan().SequenceEqual(other.ValueLabels.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Source, Key);
}
