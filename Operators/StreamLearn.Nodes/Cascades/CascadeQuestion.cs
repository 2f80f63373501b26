using System.Text;

namespace StreamLearn.Nodes;

/// <summary>An item for a cascade: numbers, a text, or both.</summary>
public sealed record CascadeQuestion : ISized, IPrivate
{
    /// <summary>Maximum UTF-8 bytes of a text.</summary>
    public const int MaxTextBytes = 1 << 15;

    /// <summary>Key of the question, unique among the source's open ones.</summary>
    public required long Key { get; init; }

    /// <summary>The asking pipeline; if empty, the default, the first cascade sets it.</summary>
    public string Source { get; init; } = "";

    /// <summary>Features, or the text's embedding; default empty.</summary>
    public ImmutableArray<float> Values { get; init; } = [];

    /// <summary>A label per value; empty, the default: all public.</summary>
    public ImmutableArray<PrivacyLabel> ValueLabels { get; init; } = [];

    /// <summary>The text; default empty.</summary>
    /// <exception cref="ArgumentException">It is longer than <see cref="MaxTextBytes"/>.</exception>
    public string Text
    {
        get;
        init => field = Encoding.UTF8.GetByteCount(value) <= MaxTextBytes ? value
            : throw new ArgumentException($"expected at most {MaxTextBytes} bytes of text", nameof(Text));
    }
    = "";

    /// <summary>Label of the question as a whole; default <see cref="PrivacyLabel.Public"/>.</summary>
    public PrivacyLabel Label { get; init; }

    /// <summary>The most private label of the question and its values.</summary>
    public PrivacyLabel Privacy => MaxPrivate(Label);

    /// <inheritdoc />
    public long SizeBytes => 64 + (4L * Values.Length) + Text.Length;

    /// <inheritdoc />
    public int Rows => 1;

    /// <summary>Returns the question with more private values set to 0. The text stays: it has the question's label.</summary>
    /// <param name="carries">The most private label kept.</param>
    public CascadeQuestion Redacted(PrivacyLabel carries)
    {
        if (MaxPrivate(PrivacyLabel.Public) <= carries) { return this; }
        var (values, labels) = (Values.ToBuilder(), ValueLabels.ToBuilder());
        for (var i = 0; i < Math.Min(values.Count, labels.Count); i++)
        {
            if (labels[i] > carries) { (values[i], labels[i]) = (0, PrivacyLabel.Public); }
        }

        return this with { Values = values.ToImmutable(), ValueLabels = labels.ToImmutable() };
    }

    private PrivacyLabel MaxPrivate(PrivacyLabel most)
    {
        foreach (var label in ValueLabels) { most = label > most ? label : most; }
        return most;
    }

    internal bool AsksSame(CascadeQuestion other) => Text == other.Text && Values.AsSpan().SequenceEqual(other.Values.AsSpan());

    /// <inheritdoc />
    public bool Equals(CascadeQuestion? other) => other is not null && (Source, Key, Label) == (other.Source, other.Key, other.Label)
        && AsksSame(other) && ValueLabels.AsSpan().SequenceEqual(other.ValueLabels.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Source, Key);
}
