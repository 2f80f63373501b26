using System.Text;

namespace StreamLearn.Nodes;

/// <summary>A small language model that predicts the next word from counted word sequences.</summary>
/// <remarks> Interpolated Witten-Bell smoothing: p(w | h) = (c(h w) + t(h) p(w | h′)) / (c(h) + t(h)), where c counts, t(h) is the number
/// of different words after h, and h′ is h without its first word. Below single words, all known words, the end and one unknown word are
/// equally likely. Texts are lines of words separated by white space. State: the counts, immutable. Cost: O(order) for the probability of a
/// word, O(words × order) for the next word. Source: Witten, Bell (1991); Chen, Goodman (1999), for the interpolated form. </remarks>
public sealed class NGramModel : ILanguageModel
{
    private const int End = 0, Unknown = 1;
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal) { ["</s>"] = End, ["<unk>"] = Unknown };
    private readonly List<string> _words = ["</s>", "<unk>"];
    private readonly Dictionary<string, Followers> _after = new(StringComparer.Ordinal);
    private readonly int _order;

    /// <summary>Learns from texts.</summary>
    /// <param name="texts">The texts, each with an end.</param>
    /// <param name="order">Words in a sequence, 1 to 8; default 3.</param>
    /// <exception cref="ArgumentOutOfRangeException">The order is out of range.</exception>
    public NGramModel(IEnumerable<string> texts, int order = 3)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentOutOfRangeException.ThrowIfLessThan(order, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(order, 8);
        _order = order;
        foreach (var text in texts)
        {
            var words = Split(text).Select(Number).ToList();
            words.Add(End);
            for (var at = 0; at < words.Count; at++)
            {
                for (var length = 0; length < order && length <= at; length++)
                {
                    var history = Key(words, at, length);
                    if (!_after.TryGetValue(history, out var followers)) { _after[history] = followers = new(); }
                    followers.Add(words[at]);
                }
            }
        }
    }

    /// <inheritdoc />
    public string Name => $"{_order}-gram of {_words.Count - 2} words";

    /// <summary>Known words, including the end and the unknown word.</summary>
    public int Words => _words.Count;

    /// <inheritdoc />
    public string Generate(string prompt, int maxTokens, RandomStream? random)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        var words = Known(prompt);
        var text = new StringBuilder();
        for (var i = 0; i < maxTokens; i++)
        {
            var next = random is null ? Likeliest(words) : Drawn(words, random.NextDouble());
            if (next == End) { break; }
            words.Add(next);
            text.Append(text.Length == 0 ? "" : " ").Append(_words[next]);
        }

        return text.ToString();
    }

    /// <inheritdoc />
    public (double LogProbability, int Tokens) LogProbability(string prompt, string continuation)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(continuation);
        var words = Known(prompt);
        double sum = 0;
        var next = Known(continuation);
        next.Add(End);
        foreach (var word in next)
        {
            sum += Math.Log(Probability(words, word));
            words.Add(word);
        }

        return (sum, next.Count);
    }

    /// <summary>Returns the probability of a word after others.</summary>
    /// <param name="before">The words before, separated by spaces.</param>
    /// <param name="word">The word; <c>&lt;/s&gt;</c>: the end, <c>&lt;unk&gt;</c>: any unknown word.</param>
    public double Probability(string before, string word) => Probability(Known(before), _numbers.GetValueOrDefault(word, Unknown));

    private double Probability(List<int> words, int word)
    {
        var p = 1.0 / _words.Count;
        for (var length = 0; length < _order && length <= words.Count; length++)
        {
            if (!_after.TryGetValue(Key(words, words.Count, length), out var seen)) { break; }
            p = (seen.CountOf(word) + (seen.Different * p)) / (seen.All + seen.Different);
        }

        return p;
    }

    private int Likeliest(List<int> words)
    {
        var (best, most) = (End, Probability(words, End));
        for (var word = Unknown + 1; word < _words.Count; word++)
        {
            if (Probability(words, word) is var p && p > most) { (best, most) = (word, p); }
        }

        return best;
    }

    /// <summary>The unknown word also ends the text.</summary>
    private int Drawn(List<int> words, double at)
    {
        for (var word = _words.Count - 1; word > Unknown; word--)
        {
            at -= Probability(words, word);
            if (at < 0) { return word; }
        }

        return End;
    }

    private List<int> Known(string text) => [.. Split(text).Select(w => _numbers.GetValueOrDefault(w, Unknown))];

    private int Number(string word)
    {
        if (_numbers.TryGetValue(word, out var known)) { return known; }
        _words.Add(word);
        return _numbers[word] = _words.Count - 1;
    }

    private static string[] Split(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static string Key(List<int> words, int at, int length)
    {
        var key = new StringBuilder();
        for (var i = at - length; i < at; i++) { key.Append((char)(words[i] & 0x7FFF)).Append((char)(words[i] >> 15)); }
        return key.ToString();
    }

    private sealed class Followers
    {
        private readonly Dictionary<int, int> _counts = [];

        internal int All { get; private set; }

        internal int Different => _counts.Count;

        internal int CountOf(int word) => _counts.GetValueOrDefault(word);

        internal void Add(int word)
        {
            All++;
            _counts[word] = CountOf(word) + 1;
        }
    }
}
