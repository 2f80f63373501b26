namespace StreamLearn;

/// <summary>The columns of a batch, or some of them, by index. Valid as long as the batch.</summary>
public readonly struct ColumnList
{
    private readonly Batch _batch;
    private readonly bool _channels;

    internal ColumnList(Batch batch, bool channels) => (_batch, _channels) = (batch, channels);

    /// <summary>Columns in the list.</summary>
    public int Count => _channels ? _batch.Schema.Channels.Length : _batch.Schema.Fields.Length;

    /// <summary>A column by index.</summary>
    /// <param name="index">The index, from 0.</param>
    public Column this[int index] => new(_batch, _channels ? _batch.Schema.Channels[index] : index);
}
