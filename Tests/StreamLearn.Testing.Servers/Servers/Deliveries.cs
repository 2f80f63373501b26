using System.Text.RegularExpressions;

namespace StreamLearn.Testing;

/// <summary>What mosquitto sent to one client at QoS 1 over all its starts, read from its log of packets.</summary>
public sealed partial record Deliveries(int Sent, int Resent, int Unacknowledged)
{
    /// <summary>Reads the log.</summary>
    public static Deliveries Of(string log, string client)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(client);
        var (sent, resent) = (0, 0);
        HashSet<string> earlier = [], now = [], open = [];
        foreach (Match line in Lines().Matches(log))
        {
            var id = line.Groups["id"].Value;
            if (line.Groups["start"].Success)
            {
                earlier.UnionWith(now);
                now.Clear();
                open.Clear();
            }
            else if (!line.Groups["client"].Value.StartsWith(client, StringComparison.Ordinal)) { continue; }
            else if (line.Groups["read"].Success) { open.Remove(id); }
            else
            {
                sent++;
                if (line.Groups["repeated"].Success || earlier.Contains(id)) { resent++; }
                now.Add(id);
                open.Add(id);
            }
        }

        return new(sent, resent, open.Count);
    }

    [GeneratedRegex(@"(?<start>mosquitto version \S+ starting)"
        + @"|Sending PUBLISH to (?<client>\S+) \(d(?:(?<repeated>1)|0), q1, r\d, m(?<id>\d+),"
        + @"|(?<read>Received PUBACK from (?<client>\S+) \(Mid: (?<id>\d+),)")]
    private static partial Regex Lines();
}
