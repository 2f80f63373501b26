using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace StreamLearn;

/// <summary>Writes or reads a block's state. One method names each value once, so that both orders are the same.</summary>
/// <remarks>
/// <para>Pass fields by reference: <c>s.Value(ref _count)</c>. Pass and assign properties: <c>Rows = s.Value(Rows)</c>. When writing, the
/// method returns its argument, so a value that must match can be compared in both directions.</para>
/// <para>Reading throws <see cref="StateException"/> on a mismatch and validates lengths. Writing reuses memory and allocates nothing in
/// steady state.</para>
/// </remarks>
public ref partial struct StateStream
{
    internal readonly StateWriter Writer;

    internal StateReader Reader;

    internal StateStream(StateWriter writer) => Writer = writer;

    internal StateStream(StateReader reader)
    {
        Reader = reader;
        IsReading = true;
    }

    /// <summary>Creates a stream that writes.</summary>
    public StateStream(StateBuffer buffer)
        : this(new StateWriter(buffer))
    {
    }

    /// <summary>Creates a stream that reads.</summary>
    /// <param name="bytes">The state.</param>
    /// <param name="pool">The batch pool.</param>
    /// <param name="away">The downtime on the run's clock, by which clock times are shifted.</param>
    /// <param name="format">The format in which the state was written; empty: the newest.</param>
    public StateStream(ReadOnlySpan<byte> bytes, BatchPool pool, TimeSpan away = default, string format = "")
        : this(new StateReader(bytes, pool, away) { Format = format })
    {
    }

    /// <summary>True if values are assigned.</summary>
    public readonly bool IsReading { get; }

    /// <summary>True if values are written.</summary>
    public readonly bool IsWriting => !IsReading;

    /// <summary>The format of the state, which may be an older one, or empty for the newest.</summary>
    public readonly string Format => Reader.Format;

    internal readonly bool HasEnded => Reader.HasEnded;

    internal readonly int Left => Reader.Left;

    /// <summary>A Boolean.</summary>
    public void Value(ref bool value) => value = Value(value);

    /// <inheritdoc cref="Value(ref bool)" />
    public bool Value(bool value)
    {
        if (IsReading) { return Reader.ReadBoolean(); }
        Writer.Write(value);
        return value;
    }

    /// <summary>A 32-bit integer.</summary>
    public void Value(ref int value) => value = Value(value);

    /// <inheritdoc cref="Value(ref int)" />
    public int Value(int value)
    {
        if (IsReading) { return Reader.ReadInt32(); }
        Writer.Write(value);
        return value;
    }

    /// <summary>A 32-bit integer within bounds; reading refuses other values.</summary>
    public void Value(ref int value, int min, int max) => value = Value(value, min, max);

    /// <inheritdoc cref="Value(ref int, int, int)" />
    public int Value(int value, int min, int max)
    {
        if (IsReading) { return Reader.ReadInt32(min, max); }
        Writer.Write(value);
        return value;
    }

    /// <summary>A 64-bit integer.</summary>
    public void Value(ref long value) => value = Value(value);

    /// <inheritdoc cref="Value(ref long)" />
    public long Value(long value)
    {
        if (IsReading) { return Reader.ReadInt64(); }
        Writer.Write(value);
        return value;
    }

    /// <summary>An optional 64-bit integer.</summary>
    /// <param name="value">The number, or null.</param>
    public void Value(ref long? value) => value = Value(value);

    /// <inheritdoc cref="Value(ref long?)" />
    public long? Value(long? value)
    {
        if (IsReading) { return Reader.ReadNumber(); }
        Writer.Write(value);
        return value;
    }

    /// <summary>A 32-bit float, bit-exact.</summary>
    public void Value(ref float value) => value = Value(value);

    /// <inheritdoc cref="Value(ref float)" />
    public float Value(float value)
    {
        if (IsReading) { return Reader.ReadSingle(); }
        Writer.Write(value);
        return value;
    }

    /// <summary>A 64-bit float, bit-exact.</summary>
    public void Value(ref double value) => value = Value(value);

    /// <inheritdoc cref="Value(ref double)" />
    public double Value(double value)
    {
        if (IsReading) { return Reader.ReadDouble(); }
        Writer.Write(value);
        return value;
    }

    /// <summary>A string of at most 65,535 bytes in UTF-8.</summary>
    public void Value(ref string value) => value = Value(value);

    /// <inheritdoc cref="Value(ref string)" />
    public string Value(string value)
    {
        if (IsReading) { return Reader.ReadText(); }
        Writer.Write(value);
        return value;
    }

    /// <summary>A duration, 0 or more.</summary>
    public void Value(ref TimeSpan value) => value = Value(value);

    /// <inheritdoc cref="Value(ref TimeSpan)" />
    public TimeSpan Value(TimeSpan value) => Value(value.Ticks) is var ticks && ticks >= 0
        ? new(ticks)
        : throw new StateException($"expected a length of time, got {ticks} ticks");

    /// <summary>An optional duration.</summary>
    /// <param name="value">The duration, 0 or more, or null.</param>
    public void Value(ref TimeSpan? value) => value = Value(value);

    /// <inheritdoc cref="Value(ref TimeSpan?)" />
    public TimeSpan? Value(TimeSpan? value) => Value(value?.Ticks ?? -1) is var ticks && ticks >= 0 ? new(ticks) : null;

    /// <summary>A time on the run's clock, such as a deadline. Reading shifts it by the downtime.</summary>
    public void ClockTime(ref DateTimeOffset value) => value = ClockTime(value) ?? default;

    /// <summary>An optional time on the run's clock. Reading shifts it by the downtime.</summary>
    /// <param name="value">The time, or null.</param>
    public void ClockTime(ref DateTimeOffset? value) => value = ClockTime(value);

    /// <inheritdoc cref="ClockTime(ref DateTimeOffset?)" />
    public DateTimeOffset? ClockTime(DateTimeOffset? value)
    {
        if (IsReading) { return Reader.ReadClockTime(); }
        Writer.Write(value);
        return value;
    }

    /// <summary>An optional time that does not depend on the run's clock, such as a message's. It is read in UTC and not shifted.</summary>
    /// <param name="value">The time, or null.</param>
    public DateTimeOffset? Time(DateTimeOffset? value)
    {
        if (IsReading) { return Reader.ReadTime(); }
        Writer.Write(value);
        return value;
    }

    /// <summary>Numbers that fill the span.</summary>
    /// <typeparam name="T">byte, int, long, float or double.</typeparam>
    public void Values<T>(scoped Span<T> values)
        where T : unmanaged
    {
        if (IsReading) { Reader.Read(values); }
        else { Writer.Write<T>(values); }
    }

    /// <summary>A fixed number of numbers.</summary>
    /// <typeparam name="T">byte, int, long, float or double.</typeparam>
    /// <param name="values">The numbers.</param>
    /// <param name="count">The number of numbers to read.</param>
    public ImmutableArray<T> Values<T>(ImmutableArray<T> values, int count)
        where T : unmanaged
    {
        if (IsWriting)
        {
            Writer.Write(values.AsSpan());
            return values;
        }

        var read = new T[count];
        Reader.Read<T>(read);
        return ImmutableCollectionsMarshal.AsImmutableArray(read);
    }

    /// <summary>An array of numbers with its length.</summary>
    /// <typeparam name="T">byte, int, long, float or double.</typeparam>
    /// <param name="values">The array.</param>
    /// <param name="max">The maximum length to read.</param>
    public void Array<T>(ref T[] values, int max)
        where T : unmanaged
    {
        if (IsReading) { values = Reader.ReadArray<T>(max); }
        else { Writer.Write<T>(values); }
    }

    /// <inheritdoc cref="Array{T}(ref T[], int)" />
    public ImmutableArray<T> Array<T>(ImmutableArray<T> values, int max)
        where T : unmanaged
    {
        if (IsReading) { return ImmutableCollectionsMarshal.AsImmutableArray(Reader.ReadArray<T>(max)); }
        Writer.Write(values.AsSpan());
        return values;
    }

    /// <summary>Numbers with their length. Reading returns a new array; writing returns an empty one.</summary>
    /// <typeparam name="T">byte, int, long, float or double.</typeparam>
    /// <param name="values">The numbers to write.</param>
    /// <param name="max">The maximum length to read.</param>
    public T[] Array<T>(scoped ReadOnlySpan<T> values, int max)
        where T : unmanaged
    {
        if (IsReading) { return Reader.ReadArray<T>(max); }
        Writer.Write(values);
        return [];
    }

    /// <summary>An optional batch with its columns. After reading, the caller owns it.</summary>
    /// <param name="value">The batch, or null.</param>
    public void Value(ref Batch? value) => value = Value(value);

    /// <inheritdoc cref="Value(ref Batch?)" />
    public Batch? Value(Batch? value) => Value(value, 0, value?.Rows ?? 0);

    /// <summary>Consecutive rows of an optional batch. Writing returns the whole batch; reading returns the rows.</summary>
    /// <param name="value">The batch, or null.</param>
    /// <param name="start">The first row to write.</param>
    /// <param name="rows">Rows to write.</param>
    public Batch? Value(Batch? value, int start, int rows)
    {
        if (IsReading) { return Reader.ReadBatch(); }
        Writer.Write(value, start, rows);
        return value;
    }

    /// <summary>Chosen rows of an optional batch. Writing returns the whole batch; reading returns these rows.</summary>
    /// <param name="value">The batch, or null.</param>
    /// <param name="rows">The rows to write, in order.</param>
    public Batch? Value(Batch? value, scoped ReadOnlySpan<int> rows)
    {
        if (IsReading) { return Reader.ReadBatch(); }
        Writer.Write(value, rows);
        return value;
    }

    /// <summary>An optional schema.</summary>
    /// <param name="value">The columns, or null.</param>
    public void Value(ref Schema? value) => value = Value(value);

    /// <inheritdoc cref="Value(ref Schema?)" />
    public Schema? Value(Schema? value)
    {
        if (IsReading) { return Reader.ReadSchema(); }
        Writer.Write(value);
        return value;
    }

    /// <summary>An optional string of at most 65,535 bytes in UTF-8.</summary>
    /// <param name="value">The string, or null.</param>
    public string? Text(string? value)
    {
        var (hasText, text) = (Value(value is not null), Value(value ?? ""));
        return hasText ? text : null;
    }

    /// <summary>A list with its length. Reading replaces its contents.</summary>
    /// <param name="items">The list.</param>
    /// <param name="max">Maximum number of items to read.</param>
    /// <param name="item">A static function that writes or reads an item; reading assigns it.</param>
    public void Items<T>(IList<T> items, int max, StateOf<T> item) =>
        Items(items, max, item, static (ref StateStream s, ref T one, StateOf<T> item) => item(ref s, ref one));

    /// <summary>A list with its length. Reading replaces its contents.</summary>
    /// <param name="items">The list.</param>
    /// <param name="max">Maximum number of items to read.</param>
    /// <param name="with">The argument.</param>
    /// <param name="item">A static function that writes or reads an item; reading assigns it.</param>
    public void Items<T, TWith>(IList<T> items, int max, TWith with, StateOf<T, TWith> item)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(item);
        var count = Value(items.Count, 0, max);
        if (IsReading) { items.Clear(); }
        for (var i = 0; i < count; i++)
        {
            var one = IsReading ? default! : items[i];
            item(ref this, ref one, with);
            if (IsReading) { items.Add(one); }
        }
    }

    /// <summary>An array's items with its length.</summary>
    /// <param name="items">The array.</param>
    /// <param name="max">Maximum number of items to read.</param>
    /// <param name="item">A static function that writes or reads an item; reading assigns it.</param>
    public ImmutableArray<T> Items<T>(ImmutableArray<T> items, int max, StateOf<T> item)
    {
        ArgumentNullException.ThrowIfNull(item);
        var count = Value(items.Length, 0, max);
        var read = IsReading ? ImmutableArray.CreateBuilder<T>() : null;
        for (var i = 0; i < count; i++)
        {
            var one = IsReading ? default! : items[i];
            item(ref this, ref one);
            read?.Add(one);
        }

        return read?.ToImmutable() ?? items;
    }

    /// <summary>A queue with its length. Reading replaces its contents.</summary>
    /// <param name="items">The queue.</param>
    /// <param name="max">Maximum number of items to read.</param>
    /// <param name="item">A static function that writes or reads an item; reading assigns it.</param>
    public void Items<T>(Queue<T> items, int max, StateOf<T> item) =>
        Items(items, max, item, static (ref StateStream s, ref T one, StateOf<T> item) => item(ref s, ref one));

    /// <summary>A queue with its length. Reading replaces its contents.</summary>
    /// <param name="items">The queue.</param>
    /// <param name="max">Maximum number of items to read.</param>
    /// <param name="with">The argument.</param>
    /// <param name="item">A static function that writes or reads an item; reading assigns it.</param>
    public void Items<T, TWith>(Queue<T> items, int max, TWith with, StateOf<T, TWith> item)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(item);
        var count = Value(items.Count, 0, max);
        if (IsWriting)
        {
            foreach (var held in items)
            {
                var one = held;
                item(ref this, ref one, with);
            }

            return;
        }

        for (items.Clear(); count > 0; count--)
        {
            T one = default!;
            item(ref this, ref one, with);
            items.Enqueue(one);
        }
    }

    /// <summary>A dictionary with its length. Reading replaces its contents.</summary>
    /// <param name="items">The dictionary.</param>
    /// <param name="max">Maximum number of entries to read.</param>
    /// <param name="entry">A static function that writes or reads an entry; reading assigns key and value.</param>
    public void Items<TKey, TValue>(IDictionary<TKey, TValue> items, int max, StateOfEntry<TKey, TValue> entry)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(entry);
        var count = Value(items.Count, 0, max);
        if (IsReading)
        {
            for (items.Clear(); count > 0; count--)
            {
                (TKey key, TValue value) = (default!, default!);
                entry(ref this, ref key, ref value);
                items[key] = value;
            }
        }
        else if (items is Dictionary<TKey, TValue> hashed)      // avoids allocating an enumerator
        {
            foreach (var (key, value) in hashed) { Write(key, value, entry); }
        }
        else
        {
            foreach (var (key, value) in items) { Write(key, value, entry); }
        }
    }

    private void Write<TKey, TValue>(TKey key, TValue value, StateOfEntry<TKey, TValue> entry) => entry(ref this, ref key, ref value);
}

/// <summary>The state of a collection item.</summary>
/// <param name="s">The stream.</param>
/// <param name="item">The item; assigned on reading.</param>
public delegate void StateOf<T>(ref StateStream s, ref T item);

/// <summary>The state of a collection item, with an argument.</summary>
/// <param name="s">The stream.</param>
/// <param name="item">The item; assigned on reading.</param>
/// <param name="with">The argument.</param>
public delegate void StateOf<T, in TWith>(ref StateStream s, ref T item, TWith with);

/// <summary>The state of a dictionary entry.</summary>
/// <param name="s">The stream.</param>
/// <param name="key">The key; assigned on reading.</param>
/// <param name="value">The value; assigned on reading.</param>
public delegate void StateOfEntry<TKey, TValue>(ref StateStream s, ref TKey key, ref TValue value);
