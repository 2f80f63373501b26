using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace StreamLearn;

/// <summary>The state of a block, on its way into bytes or back: one method names each value once, and the stream writes or reads it, so
/// that the two cannot get out of order.</summary>
/// <remarks>
/// <para>A field is passed by reference: <c>s.Value(ref _count)</c>. What is no field is passed and assigned:
/// <c>Rows = s.Value(Rows)</c>. Writing gives back what was passed, so a value that must match is compared in both directions.</para>
/// <para>Reading throws <see cref="StateException"/> where the bytes do not hold what is asked for; no length is believed that they do
/// not hold. Writing reuses its memory and allocates nothing in steady state.</para>
/// </remarks>
public ref partial struct StateStream
{
    /// <summary>Where to, if it writes.</summary>
    internal readonly StateWriter Writer;

    /// <summary>Where from, if it reads.</summary>
    internal StateReader Reader;

    internal StateStream(StateWriter writer) => Writer = writer;

    internal StateStream(StateReader reader)
    {
        Reader = reader;
        IsReading = true;
    }

    /// <summary>A stream that writes.</summary>
    /// <param name="buffer">Where to.</param>
    public StateStream(StateBuffer buffer)
        : this(new StateWriter(buffer))
    {
    }

    /// <summary>A stream that reads.</summary>
    /// <param name="bytes">What was written.</param>
    /// <param name="pool">Where batches are rented.</param>
    /// <param name="away">How much later it is now than it was then, on the clock of the run: clock times that are read are shifted by
    /// it.</param>
    /// <param name="format">The form in which it was written; empty for the newest one.</param>
    public StateStream(ReadOnlySpan<byte> bytes, BatchPool pool, TimeSpan away = default, string format = "")
        : this(new StateReader(bytes, pool, away) { Format = format })
    {
    }

    /// <summary>True if values are assigned.</summary>
    public readonly bool IsReading { get; }

    /// <summary>True if values are written.</summary>
    public readonly bool IsWriting => !IsReading;

    /// <summary>The form in which the state stands, such as an earlier one that is read; the newest one may be empty.</summary>
    public readonly string Format => Reader.Format;

    /// <summary>True if all has been read.</summary>
    internal readonly bool HasEnded => Reader.HasEnded;

    /// <summary>Bytes that have not been read.</summary>
    internal readonly int Left => Reader.Left;

    /// <summary>A truth value.</summary>
    /// <param name="value">The value.</param>
    public void Value(ref bool value) => value = Value(value);

    /// <inheritdoc cref="Value(ref bool)" />
    public bool Value(bool value)
    {
        if (IsReading) { return Reader.ReadBoolean(); }
        Writer.Write(value);
        return value;
    }

    /// <summary>A whole number of 32 bits.</summary>
    /// <param name="value">The number.</param>
    public void Value(ref int value) => value = Value(value);

    /// <inheritdoc cref="Value(ref int)" />
    public int Value(int value)
    {
        if (IsReading) { return Reader.ReadInt32(); }
        Writer.Write(value);
        return value;
    }

    /// <summary>A whole number of 32 bits; one outside of the bounds is not read.</summary>
    /// <param name="value">The number.</param>
    /// <param name="min">The least.</param>
    /// <param name="max">The greatest.</param>
    public void Value(ref int value, int min, int max) => value = Value(value, min, max);

    /// <inheritdoc cref="Value(ref int, int, int)" />
    public int Value(int value, int min, int max)
    {
        if (IsReading) { return Reader.ReadInt32(min, max); }
        Writer.Write(value);
        return value;
    }

    /// <summary>A whole number of 64 bits.</summary>
    /// <param name="value">The number.</param>
    public void Value(ref long value) => value = Value(value);

    /// <inheritdoc cref="Value(ref long)" />
    public long Value(long value)
    {
        if (IsReading) { return Reader.ReadInt64(); }
        Writer.Write(value);
        return value;
    }

    /// <summary>A whole number of 64 bits, or none.</summary>
    /// <param name="value">The number; null for none.</param>
    public void Value(ref long? value) => value = Value(value);

    /// <inheritdoc cref="Value(ref long?)" />
    public long? Value(long? value)
    {
        if (IsReading) { return Reader.ReadNumber(); }
        Writer.Write(value);
        return value;
    }

    /// <summary>A number of 32 bits, bit for bit.</summary>
    /// <param name="value">The number.</param>
    public void Value(ref float value) => value = Value(value);

    /// <inheritdoc cref="Value(ref float)" />
    public float Value(float value)
    {
        if (IsReading) { return Reader.ReadSingle(); }
        Writer.Write(value);
        return value;
    }

    /// <summary>A number of 64 bits, bit for bit.</summary>
    /// <param name="value">The number.</param>
    public void Value(ref double value) => value = Value(value);

    /// <inheritdoc cref="Value(ref double)" />
    public double Value(double value)
    {
        if (IsReading) { return Reader.ReadDouble(); }
        Writer.Write(value);
        return value;
    }

    /// <summary>A text of at most 65,535 bytes in UTF-8.</summary>
    /// <param name="value">The text.</param>
    public void Value(ref string value) => value = Value(value);

    /// <inheritdoc cref="Value(ref string)" />
    public string Value(string value)
    {
        if (IsReading) { return Reader.ReadText(); }
        Writer.Write(value);
        return value;
    }

    /// <summary>A length of time, of 0 or more.</summary>
    /// <param name="value">The length.</param>
    public void Value(ref TimeSpan value) => value = Value(value);

    /// <inheritdoc cref="Value(ref TimeSpan)" />
    public TimeSpan Value(TimeSpan value) => Value(value.Ticks) is var ticks && ticks >= 0
        ? new(ticks)
        : throw new StateException($"expected a length of time, got {ticks} ticks");

    /// <summary>A length of time, or none.</summary>
    /// <param name="value">The length, of 0 or more; null for none.</param>
    public void Value(ref TimeSpan? value) => value = Value(value);

    /// <inheritdoc cref="Value(ref TimeSpan?)" />
    public TimeSpan? Value(TimeSpan? value) => Value(value?.Ticks ?? -1) is var ticks && ticks >= 0 ? new(ticks) : null;

    /// <summary>A moment on the clock of the run, such as a deadline or when something was last heard. Reading shifts it by the downtime:
    /// as much time is left, or has passed, as when it was written.</summary>
    /// <param name="value">The moment.</param>
    public void ClockTime(ref DateTimeOffset value) => value = ClockTime(value) ?? default;

    /// <summary>A moment on the clock of the run, or none. Reading shifts it by the downtime.</summary>
    /// <param name="value">The moment; null for none.</param>
    public void ClockTime(ref DateTimeOffset? value) => value = ClockTime(value);

    /// <inheritdoc cref="ClockTime(ref DateTimeOffset?)" />
    public DateTimeOffset? ClockTime(DateTimeOffset? value)
    {
        if (IsReading) { return Reader.ReadClockTime(); }
        Writer.Write(value);
        return value;
    }

    /// <summary>A moment that is no part of the run's clock, such as that of a message, or none. It is read as it was written, in
    /// UTC.</summary>
    /// <param name="value">The moment; null for none.</param>
    public DateTimeOffset? Time(DateTimeOffset? value)
    {
        if (IsReading) { return Reader.ReadTime(); }
        Writer.Write(value);
        return value;
    }

    /// <summary>Numbers, as many as there is space for.</summary>
    /// <typeparam name="T">byte, int, long, float or double.</typeparam>
    /// <param name="values">The numbers.</param>
    public void Values<T>(scoped Span<T> values)
        where T : unmanaged
    {
        if (IsReading) { Reader.Read(values); }
        else { Writer.Write<T>(values); }
    }

    /// <summary>Numbers, as many as said.</summary>
    /// <typeparam name="T">byte, int, long, float or double.</typeparam>
    /// <param name="values">The numbers.</param>
    /// <param name="count">How many are read.</param>
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
    /// <param name="max">The greatest length that is read.</param>
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

    /// <summary>Numbers with their length. Writing gives back nothing, reading a new array.</summary>
    /// <typeparam name="T">byte, int, long, float or double.</typeparam>
    /// <param name="values">The numbers that are written.</param>
    /// <param name="max">The greatest length that is read.</param>
    public T[] Array<T>(scoped ReadOnlySpan<T> values, int max)
        where T : unmanaged
    {
        if (IsReading) { return Reader.ReadArray<T>(max); }
        Writer.Write(values);
        return [];
    }

    /// <summary>A batch with its columns, or none. One that is read is the caller's.</summary>
    /// <param name="value">The batch; null for none.</param>
    public void Value(ref Batch? value) => value = Value(value);

    /// <inheritdoc cref="Value(ref Batch?)" />
    public Batch? Value(Batch? value) => Value(value, 0, value?.Rows ?? 0);

    /// <summary>A part of a batch as a batch of its own, or none. Writing gives back the whole batch, reading the part.</summary>
    /// <param name="value">The batch; null for none.</param>
    /// <param name="start">The first row that is written.</param>
    /// <param name="rows">How many are written.</param>
    public Batch? Value(Batch? value, int start, int rows)
    {
        if (IsReading) { return Reader.ReadBatch(); }
        Writer.Write(value, start, rows);
        return value;
    }

    /// <summary>Chosen rows of a batch as a batch of its own, or none. Writing gives back the whole batch, reading those rows.</summary>
    /// <param name="value">The batch; null for none.</param>
    /// <param name="rows">The rows that are written, in this order.</param>
    public Batch? Value(Batch? value, scoped ReadOnlySpan<int> rows)
    {
        if (IsReading) { return Reader.ReadBatch(); }
        Writer.Write(value, rows);
        return value;
    }

    /// <summary>Columns, or none yet.</summary>
    /// <param name="value">The columns; null for none.</param>
    public void Value(ref Schema? value) => value = Value(value);

    /// <inheritdoc cref="Value(ref Schema?)" />
    public Schema? Value(Schema? value)
    {
        if (IsReading) { return Reader.ReadSchema(); }
        Writer.Write(value);
        return value;
    }

    /// <summary>A text of at most 65,535 bytes in UTF-8, or none.</summary>
    /// <param name="value">The text; null for none.</param>
    public string? Text(string? value)
    {
        var (hasText, text) = (Value(value is not null), Value(value ?? ""));
        return hasText ? text : null;
    }

    /// <summary>A list with its length. Reading replaces what it holds.</summary>
    /// <typeparam name="T">The items.</typeparam>
    /// <param name="items">The list.</param>
    /// <param name="max">The most items that are read.</param>
    /// <param name="item">The state of an item; when reading, it is given the default and assigns it. A static function.</param>
    public void Items<T>(IList<T> items, int max, StateOf<T> item) =>
        Items(items, max, item, static (ref StateStream s, ref T one, StateOf<T> item) => item(ref s, ref one));

    /// <summary>A list with its length. Reading replaces what it holds.</summary>
    /// <typeparam name="T">The items.</typeparam>
    /// <typeparam name="TWith">What their state needs besides.</typeparam>
    /// <param name="items">The list.</param>
    /// <param name="max">The most items that are read.</param>
    /// <param name="with">Is passed to the function.</param>
    /// <param name="item">The state of an item; when reading, it is given the default and assigns it. A static function.</param>
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

    /// <summary>Items of an array with its length.</summary>
    /// <typeparam name="T">The items.</typeparam>
    /// <param name="items">The array.</param>
    /// <param name="max">The most items that are read.</param>
    /// <param name="item">The state of an item; when reading, it is given the default and assigns it. A static function.</param>
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

    /// <summary>A queue with its length. Reading replaces what it holds.</summary>
    /// <typeparam name="T">The items.</typeparam>
    /// <param name="items">The queue.</param>
    /// <param name="max">The most items that are read.</param>
    /// <param name="item">The state of an item; when reading, it is given the default and assigns it. A static function.</param>
    public void Items<T>(Queue<T> items, int max, StateOf<T> item) =>
        Items(items, max, item, static (ref StateStream s, ref T one, StateOf<T> item) => item(ref s, ref one));

    /// <summary>A queue with its length. Reading replaces what it holds.</summary>
    /// <typeparam name="T">The items.</typeparam>
    /// <typeparam name="TWith">What their state needs besides.</typeparam>
    /// <param name="items">The queue.</param>
    /// <param name="max">The most items that are read.</param>
    /// <param name="with">Is passed to the function.</param>
    /// <param name="item">The state of an item; when reading, it is given the default and assigns it. A static function.</param>
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

    /// <summary>A dictionary with its length. Reading replaces what it holds.</summary>
    /// <typeparam name="TKey">The keys.</typeparam>
    /// <typeparam name="TValue">The values.</typeparam>
    /// <param name="items">The dictionary.</param>
    /// <param name="max">The most entries that are read.</param>
    /// <param name="entry">The state of an entry; when reading, it is given the defaults and assigns both. A static function.</param>
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
        else if (items is Dictionary<TKey, TValue> hashed)      // its own enumerator is not allocated
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

/// <summary>The state of one item of a collection.</summary>
/// <typeparam name="T">The items.</typeparam>
/// <param name="s">Writes or reads it.</param>
/// <param name="item">The item; when reading, assigned.</param>
public delegate void StateOf<T>(ref StateStream s, ref T item);

/// <summary>The state of one item of a collection, with what it needs besides.</summary>
/// <typeparam name="T">The items.</typeparam>
/// <typeparam name="TWith">What it needs besides.</typeparam>
/// <param name="s">Writes or reads it.</param>
/// <param name="item">The item; when reading, assigned.</param>
/// <param name="with">What it needs besides.</param>
public delegate void StateOf<T, in TWith>(ref StateStream s, ref T item, TWith with);

/// <summary>The state of one entry of a dictionary.</summary>
/// <typeparam name="TKey">The keys.</typeparam>
/// <typeparam name="TValue">The values.</typeparam>
/// <param name="s">Writes or reads it.</param>
/// <param name="key">The key; when reading, assigned.</param>
/// <param name="value">The value; when reading, assigned.</param>
public delegate void StateOfEntry<TKey, TValue>(ref StateStream s, ref TKey key, ref TValue value);
