using System.Text;

namespace StreamLearn.Nodes;

/// <summary>An item for a cascade: numbers, a text, or both.</summary>
public sealed record CascadeQuestion : ISized, IPrivate
{
    /// <summary>Maximum size of a text in UTF-8 bytes.</summary>
    public const int MaxTextBytes = 1 << 15;

    /// <summary>Key of the question, unique among the open questions of its source.</summary>
    public required long Key { get; init; }

    /// <summary>The pipeline that asks; if empty (default), the first cascade sets it.</summary>
    public string Source { get; init; } = "";

    /// <summary>The features, or the embedding of the text; default empty.</summary>
    public ImmutableArray<float> Values { get; init; } = [];

    /// <summary>A label per value; empty, the default: all public.</summary>
    public ImmutableArray<PrivacyLabel> ValueLabels { get; init; } = [];

    /// <summary>The text; default empty.</summary>
    /// <exception cref="ArgumentException">The text is longer than <see cref="MaxTextBytes"/>.</exception>
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

    /// <summary>Returns the question with more private values set to 0. The text stays, because it has the label of the question.</summary>
    /// <param name="carries">The most private label to keep.</param>
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

    internal static CascadeQuestion? Fields(ref FrameFields f, CascadeQuestion? q)
    {
        var (isQuestion, key) = (f.Has(1, true), f.Long(q?.Key));
        var (source, text) = NodesCodecs.Texts(ref f, q?.Source, q?.Text);
        var label = NodesCodecs.Label(ref f, q?.Label ?? default);
        var values = f.Values(q?.Values);
        var labels = f.Has(4, q?.ValueLabels.IsEmpty == false) ? f.Items(q?.ValueLabels, NodesCodecs.Label, minBytes: 1) : [];
        return !f.HasRead(isQuestion) ? q
            : new() { Key = key, Source = source, Text = text, Label = label, Values = values, ValueLabels = labels };
    }
}
