namespace StreamLearn;

/// <summary>The columns of a batch, or a part of them, by index. A view: it lives no longer than the batch.</summary>
public readonly struct ColumnList
{
    private readonly Batch _batch;
    private readonly bool _channels;

    internal ColumnList(Batch batch, bool channels) => (_batch, _channels) = (batch, channels);

    /// <summary>Columns in the list.</summary>
    public int Count => _channels ? _batch.Schema.Channels.Length : _batch.Schema.Fields.Length;

    /// <summary>A column by its place in the list.</summary>
    /// <param name="index">From 0.</param>
    public Column this[int index] => new(_batch, _channels ? _batch.Schema.Channels[index] : index);
}
