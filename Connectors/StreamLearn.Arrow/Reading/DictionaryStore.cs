namespace StreamLearn.Arrow;

/// <summary>In its own memory for later batches. Nested indices refer to the current entries of a dictionary, as in Arrow C++.</summary>
internal sealed class DictionaryStore(ArrowLimits limits)
{
    private Dictionary<long, ArrowField> _fields = [];
    private bool _hasNested;

    internal Dictionary<long, ArrowArray> Known { get; } = [];

    internal void Expect(ArrowSchema schema)
    {
        if (_fields.Count == 0 && !schema.Fields.Any(static f => f.HasDictionaries)) { return; }
        var fields = new Dictionary<long, ArrowField>();
        foreach (var field in schema.Fields) { Expect(field, fields); }
        (_fields, _hasNested) = (fields, fields.Values.Any(static f => f.HasDictionaries));
        Known.Clear();
    }

    internal void Read(FlatTable message, ReadOnlyMemory<byte> body, Unpacking unpacking, bool mayReplace, bool isV4)
    {
        var id = message.Int64((int)Ipc.EntriesField.Id, 0);
        if (!_fields.TryGetValue(id, out var field)) { throw Bad($"expected a dictionary of the schema, got {id}"); }
        if (!message.TryTable((int)Ipc.EntriesField.Data, out var batch)) { throw Bad($"expected entries, got none"); }
        var known = Known.GetValueOrDefault(id);
        var isDelta = message.Flag((int)Ipc.EntriesField.IsDelta);
        if (isDelta && known is null) { throw Bad($"expected dictionary {id} before a delta of it, got none"); }
        if (!isDelta && known is not null && !mayReplace) { throw Bad($"expected dictionary {id} once in a file, got it twice"); }

        var reading = new BodyReading(batch, body, Known, unpacking, isV4);
        var most = limits.MaxDictionaryEntries;
        if (reading.Rows > most - (isDelta ? known!.Length : 0L)) { throw TooMany(most, "entries of a dictionary"); }
        var entries = ArrowArrays.For(field);
        reading.ReadColumn(entries);
        reading.End();
        // replaced entries count too, because earlier batches may still refer to them
        var kept = Known.Values.Sum(static d => ArrowArrays.SizeOf(d));
        if (kept + ArrowArrays.SizeOf(entries) > limits.MaxDictionaryBytes)
        {
            throw TooMany(limits.MaxDictionaryBytes, "bytes of dictionaries");
        }

        entries = ArrayGrowth.Join(isDelta ? known : null, entries);
        Known[id] = entries;
        if (_hasNested) { Renew(id, entries); }
    }

    /// <summary>Points nested indices to new entries. A dictionary whose indices exceed them must be sent again.</summary>
    private void Renew(long id, ArrowArray entries)
    {
        foreach (var (other, array) in Known.ToList())
        {
            if (EntriesNeeded(array, id) > entries.Length) { Remove(other); }
            else { Refer(array, id, entries); }
        }
    }

    private void Remove(long id)
    {
        if (!Known.Remove(id)) { return; }
        foreach (var (other, array) in Known.ToList())
        {
            if (EntriesNeeded(array, id) >= 0) { Remove(other); }
        }
    }

    /// <summary>−1: none.</summary>
    private static int EntriesNeeded(ArrowArray array, long id)
    {
        var needed = array.Field.Dictionary?.Id == id ? array.EntriesNeeded : -1;
        foreach (var child in array.Children) { needed = Math.Max(needed, EntriesNeeded(child, id)); }
        return needed;
    }

    private static void Refer(ArrowArray array, long id, ArrowArray entries)
    {
        if (array.Field.Dictionary?.Id == id) { array.Refer(entries); }
        foreach (var child in array.Children) { Refer(child, id, entries); }
    }

    private static void Expect(ArrowField field, Dictionary<long, ArrowField> fields)
    {
        if (field.Dictionary is { } dictionary)
        {
            var values = field with { Dictionary = null, Nullable = true, Metadata = [] };
            if (!fields.TryAdd(dictionary.Id, values) && fields[dictionary.Id] is var other
                && (other.Type != values.Type || !other.Children.SequenceEqual(values.Children)))
            {
                throw Bad($"column '{field.Name}': expected the entries of '{other.Name}' in dictionary {dictionary.Id}, got others");
            }
        }

        foreach (var child in field.Children) { Expect(child, fields); }
    }

    private static ArrowFormatException TooMany(int most, string what) => Bad($"expected at most {most} {what}, got more");

    private static ArrowFormatException Bad(FormattableString message) => new(message.ToString(CultureInfo.InvariantCulture));
}
