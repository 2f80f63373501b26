using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace StreamLearn.Learning;

public ref partial struct FrameFields
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Passes a text that is not empty: its UTF-8 length in 2 bytes, then its bytes.</summary>
    /// <param name="value">The text.</param>
    /// <param name="maxBytes">Maximum UTF-8 bytes.</param>
    public string Text(string? value, int maxBytes = DeviceName.MaxBytes)
    {
        if (IsReading) { return ReadText(maxBytes); }
        var length = Encoding.UTF8.GetByteCount(value!);
        if (Space(2 + length) is { IsEmpty: false } to)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(to, (ushort)length);
            Encoding.UTF8.GetBytes(value, to[2..]);
        }

        return value!;
    }

    /// <summary>Passes float32 values after their count.</summary>
    public ImmutableArray<float> Values(ImmutableArray<float>? values)
    {
        if (!IsReading)
        {
            Write(values.GetValueOrDefault().AsSpan());
            return values.GetValueOrDefault();
        }

        var bytes = Read(4L * Int(null));       // a length beyond the frame fails before memory is reserved
        var read = GC.AllocateUninitializedArray<float>(bytes.Length / 4);
        LittleEndian.Read(bytes, read);
        return ImmutableCollectionsMarshal.AsImmutableArray(read);
    }

    /// <summary>Passes bytes after their count.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="max">The greatest count that is not refused.</param>
    public ImmutableArray<byte> Content(ImmutableArray<byte>? bytes, int max = int.MaxValue)
    {
        var count = Int(bytes?.Length);
        Failed |= IsReading && count > max;
        if (IsReading) { return [.. Read(count)]; }
        if (Space(count) is { IsEmpty: false } to) { bytes!.Value.AsSpan().CopyTo(to); }
        return bytes.GetValueOrDefault();
    }

    /// <summary>Passes items after their count.</summary>
    /// <param name="items">The items.</param>
    /// <param name="fields">The fields of an item.</param>
    /// <param name="minBytes">Minimum bytes of an item, at least 1: more items than the frame can hold are refused.</param>
    public ImmutableArray<T> Items<T>(ImmutableArray<T>? items, FrameOf<T> fields, int minBytes) =>
        Items(items, Int(items?.Length), fields, minBytes);

    /// <summary>Passes items whose count is known.</summary>
    /// <param name="items">The items.</param>
    /// <param name="count">The count, read or given before.</param>
    /// <param name="fields">The fields of an item.</param>
    /// <param name="minBytes">Minimum bytes of an item, at least 1: more items than the frame can hold are refused.</param>
    public ImmutableArray<T> Items<T>(ImmutableArray<T>? items, int count, FrameOf<T> fields, int minBytes)
    {
        ArgumentNullException.ThrowIfNull(fields);
        if (!IsReading)
        {
            foreach (var item in items.GetValueOrDefault().AsSpan()) { fields(ref this, item); }
            return items.GetValueOrDefault();
        }

        Failed |= count < 0 || count > _from.Length / minBytes;
        if (Failed) { return []; }
        var read = new T[count];
        for (var i = 0; i < read.Length && !Failed; i++) { read[i] = fields(ref this, default)!; }
        return Failed ? [] : ImmutableCollectionsMarshal.AsImmutableArray(read);
    }

    internal void Write(scoped ReadOnlySpan<float> values)
    {
        Int(values.Length);
        if (Space(4 * values.Length) is { IsEmpty: false } to) { LittleEndian.Write(values, to); }
    }

    /// <summary>Passes a message's whole frame after its length; null: length 0.</summary>
    internal T? Frame<T>(T? value, FrameOf<T> fields, byte kind)
        where T : class
    {
        if (IsReading)
        {
            if (Int(null) is var length && length == 0) { return null; }
            var inner = new FrameFields(Read(length), kind);
            var read = fields(ref inner, null);
            Failed |= !inner.Ended || read is null;
            return read;
        }

        var measured = default(FrameFields);
        if (value is not null) { fields(ref measured, value); }
        var bytes = value is null ? 0 : FrameBytes(measured.Bytes, measured.Flags);
        Int(bytes);
        if (Space(bytes) is { IsEmpty: false } to)
        {
            var inner = new FrameFields(to, measured.Flags, kind);
            fields(ref inner, value);
            inner.End();
        }

        return value;
    }

    internal T? Optional<T>(uint flag, T? value, FrameOf<T> fields)
        where T : class => Has(flag, value is not null) ? fields(ref this, value) : null;

    internal ModelVersion? Held(ModelVersion? value) => Has(FrameFlags.Held, value is not null) ? Version(value) : null;

    internal string? Edge(string? value) => Has(FrameFlags.Edge, value is not null) ? Text(value) : null;

    internal ChannelMoments? Moments(ChannelMoments? moments)
    {
        if (!Has(FrameFlags.Moments, moments is not null)) { return null; }
        var (channels, count) = (Int(moments?.Channels), Long(moments?.Count));
        var (mean, m2) = (Doubles(moments?.Mean, channels), Doubles(moments?.M2, channels));
        return HasRead(count >= 0) ? new(count, mean, m2) : moments;
    }

    internal ImmutableArray<double> Doubles(ImmutableArray<double>? values, int count) =>
        Items(values, count, static (ref fields, value) => fields.Double(value), sizeof(double));

    private string ReadText(int maxBytes)
    {
        var length = Read(2) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : 0;
        Failed |= length == 0 || length > maxBytes;
        var text = Read(length);
        if (Failed) { return ""; }
        try { return Strict.GetString(text); }
        catch (DecoderFallbackException)
        {
            Failed = true;
            return "";
        }
    }
}
