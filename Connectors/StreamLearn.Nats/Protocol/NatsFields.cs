using System.Runtime.CompilerServices;

namespace StreamLearn.Nats;

/// <summary>The fields of a control line, parted by spaces and tabs.</summary>
internal ref struct NatsFields
{
    /// <summary>One more than any operation has.</summary>
    internal const int Most = 6;

    private Parts _parts;

    /// <summary>How many there are; <see cref="Most"/> stands for more, too.</summary>
    internal int Count { get; private set; }

    internal NatsPart this[int index] => _parts[index];

    /// <summary>Finds the fields of a line from a place on.</summary>
    internal static NatsFields Split(ReadOnlySpan<byte> line, int start)
    {
        var fields = new NatsFields();
        while (fields.Count < Most)
        {
            while (start < line.Length && IsBlank(line[start])) { start++; }
            if (start == line.Length) { break; }
            var length = line[start..].IndexOfAny((byte)' ', (byte)'\t');
            if (length < 0) { length = line.Length - start; }
            fields._parts[fields.Count++] = new(start, length);
            start += length;
        }

        return fields;
    }

    internal static bool IsBlank(byte value) => value is (byte)' ' or (byte)'\t';

    /// <summary>Reads a decimal number without sign and overflow. It may have leading zeros: a server passes sizes on as their publisher
    /// wrote them.</summary>
    internal static bool TryNumber(ReadOnlySpan<byte> text, out ulong number)
    {
        number = 0;
        if (text.Length is 0 or > 20) { return false; }
        foreach (var character in text)
        {
            var digit = (uint)(character - '0');
            if (digit > 9 || number > (ulong.MaxValue - digit) / 10) { return false; }
            number = (number * 10) + digit;
        }

        return true;
    }

    [InlineArray(Most)]
    private struct Parts
    {
        private NatsPart _first;
    }
}
