using System.Buffers.Binary;
using System.Globalization;

namespace Contract.Tests;

/// <summary>Changes a part of a checkpoint at random and puts the checksums right, or lines of a recording.</summary>
internal sealed class ForgedParts(string seed)
{
    private static readonly long[] Interesting =
    [
        0, 1, -1, 2, 8, 255, 65_535, 1 << 20, 1 << 28, int.MaxValue - 1, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue,
        long.MaxValue - 1, long.MinValue, DateTime.MaxValue.Ticks, DateTime.MaxValue.Ticks + 1, 0x7FF8_0000_7FC0_0000,
    ];

    private readonly RandomStream _random = new(3, seed);
    private readonly StateFrames _frames = new();

    internal (ReadOnlyMemory<byte> Bytes, string Part) Next(Checkpoint whole)
    {
        List<CheckpointPart> parts = [.. whole.Parts];
        var at = _random.NextInt32(parts.Count);
        var (part, other) = (parts[at], parts[_random.NextInt32(parts.Count)]);
        switch (_random.NextInt32(16))
        {
            case 0: parts.RemoveAt(at); break;
            case 1: parts.Insert(at, other); break;
            case 2: parts[at] = part with { Name = other.Name }; break;
            case 3: parts[at] = part with { Content = other.Content }; break;
            default: parts[at] = part with { Content = Changed(part.Content.ToArray()) }; break;
        }

        _frames.Clear();
        foreach (var (name, format, content) in parts)
        {
            _frames.Begin(name, format);
            content.Span.CopyTo(_frames.Buffer.Next(content.Length));
        }

        return (_frames.Seal().ToArray(), part.Name);
    }

    internal string Next(string recording)
    {
        List<string> lines = [.. recording.Split('\n')];
        for (var changes = 1 + _random.NextInt32(3); changes > 0 && lines.Count > 2; changes--)
        {
            var at = 1 + _random.NextInt32(lines.Count - 2);
            switch (_random.NextInt32(5))
            {
                case 0: lines.RemoveAt(at); break;
                case 1: lines.Insert(at, lines[1 + _random.NextInt32(lines.Count - 2)]); break;
                default:
                    var words = lines[at].Split(' ');
                    words[_random.NextInt32(words.Length)] = Any().ToString(CultureInfo.InvariantCulture);
                    lines[at] = string.Join(' ', words);
                    break;
            }
        }

        return string.Join('\n', lines);
    }

    private byte[] Changed(byte[] content)
    {
        for (var changes = 1 + _random.NextInt32(3); changes > 0 && content.Length > 8; changes--)
        {
            // heads have most of the lengths
            var at = _random.NextInt32(_random.NextInt32(2) == 0 ? content.Length : Math.Min(content.Length, 64));
            var count = Math.Min(content.Length - at, 1 + _random.NextInt32(16));
            switch (_random.NextInt32(6))
            {
                case 0: content[at] ^= (byte)(1 << _random.NextInt32(8)); break;
                case 1: content = [.. content[..at], .. content[(at + count)..]]; break;
                case 2: content = [.. content[..(at + count)], .. content[at..]]; break;
                case 3: BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(Math.Min(at, content.Length - 4)), (int)Any()); break;
                default: BinaryPrimitives.WriteInt64LittleEndian(content.AsSpan(Math.Min(at, content.Length - 8)), Any()); break;
            }
        }

        return content;
    }

    private long Any() => Interesting[_random.NextInt32(Interesting.Length)];
}
