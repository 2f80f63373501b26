using System.Globalization;

namespace StreamLearn.Arrow;

/// <summary>The dictionaries that a reader has been given, in memory of its own: batches to come refer to them.</summary>
internal sealed class DictionaryStore(ArrowLimits limits)
{
    private readonly Dictionary<long, ArrowField> _fields = [];

    /// <summary>Those that are known.</summary>
    internal Dictionary<long, ArrowArray> Known { get; } = [];

    /// <summary>Takes note of the dictionaries that a schema speaks of.</summary>
    internal void Expect(ArrowSchema schema)
    {
        _fields.Clear();
        Known.Clear();
        foreach (var field in schema.Fields) { Expect(field); }
    }

    /// <summary>Reads entries: new ones, or more of those that are known.</summary>
    internal void Read(FlatTable message, ReadOnlyMemory<byte> body, Unpacking unpacking, bool mayReplace)
    {
        var id = message.Int64((int)Ipc.DictionaryBatch.Id, 0);
        if (!_fields.TryGetValue(id, out var field)) { throw Bad($"expected a dictionary of the schema, got {id}"); }
        if (!message.TryTable((int)Ipc.DictionaryBatch.Data, out var batch)) { throw Bad($"expected entries, got none"); }
        var known = Known.GetValueOrDefault(id);
        var isDelta = message.Flag((int)Ipc.DictionaryBatch.IsDelta);
        if (isDelta && known is null) { throw Bad($"expected dictionary {id} before more of its entries, got none"); }
        if (!isDelta && known is not null && !mayReplace) { throw Bad($"expected dictionary {id} once in a file, got it twice"); }

        var reading = new BodyReading(batch, body, Known, unpacking);
        var most = limits.MaxDictionaryEntries;
        if (reading.Rows > most - (isDelta ? known!.Length : 0L)) { throw TooMany(most, "entries of a dictionary"); }
        var entries = ArrowArrays.For(field);
        reading.ReadColumn(entries);
        reading.End();
        // those that it replaces are counted too: batches that are read may still refer to them
        var kept = Known.Values.Sum(static d => ArrowArrays.SizeOf(d));
        if (kept + ArrowArrays.SizeOf(entries) > limits.MaxDictionaryBytes)
        {
            throw TooMany(limits.MaxDictionaryBytes, "bytes of dictionaries");
        }

        Known[id] = isDelta ? ArrowArrays.Join(known!, entries) : ArrowArrays.Copy(entries);
    }

    private void Expect(ArrowField field)
    {
        if (field.Dictionary is { } dictionary)
        {
            var values = field with { Dictionary = null, Nullable = true, Metadata = [] };
            if (!_fields.TryAdd(dictionary.Id, values) && _fields[dictionary.Id] is var other
                && (other.Type != values.Type || !other.Children.SequenceEqual(values.Children)))
            {
                throw Bad($"column '{field.Name}': expected entries as those of '{other.Name}' in dictionary {dictionary.Id}, got others");
            }
        }

        foreach (var child in field.Children) { Expect(child); }
    }

    private static ArrowFormatException TooMany(int most, string what) => Bad($"expected at most {most} {what}, got more");

    private static ArrowFormatException Bad(FormattableString message) => new(message.ToString(CultureInfo.InvariantCulture));
}
