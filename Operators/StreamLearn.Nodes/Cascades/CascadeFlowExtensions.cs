using StreamLearn.Learning;

namespace StreamLearn.Nodes;

/// <summary>Blocks of cascades.</summary>
public static class CascadeFlowExtensions
{
    /// <summary>Answers each question by the own tier, and asks the next tier where that is not sure.</summary>
    /// <remarks>
    /// Shape: one answer for each question, in their order (main); what is asked of the next tier (side), to be published where
    /// <see cref="ServeTier"/> or another cascade subscribes; what the next tier has taught (third). The better of two answers is given.
    /// A question stays, and gets the own answer, if the tier is sure, if an earlier answer does, if it is more private than
    /// <see cref="CascadeOptions.Carries"/>, if the next tier has missed deadlines, if no token is left, or at its deadline.
    /// State: questions that wait, threshold, tokens, cached answers. Cost: an answer of the tier; a look through the cache where it is not
    /// sure. Emits: the answers that are decided and have none open before them. Counts: each outcome, <c>asked</c>; shows
    /// <c>threshold</c> and <c>waiting</c>. Drops: a question whose key waits as <c>duplicate</c>; answers to what does not wait as
    /// <c>late</c>. Source: Viola, Jones (2001), cascades; Chen, Zaharia, Zou (2023), FrugalGPT; Guo et al. (2017), calibration.
    /// </remarks>
    /// <param name="questions">The questions.</param>
    /// <param name="tier">The own tier.</param>
    /// <param name="higher">Answers of the next tier, those of this source.</param>
    /// <param name="options">Settings; null: their defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range; thrown here, never while running.</exception>
    public static Fork<CascadeAnswer, CascadeQuestion, CascadeLesson> Cascade(this Flow<CascadeQuestion> questions, ICascadeTier tier,
        Flow<CascadeAnswer> higher, CascadeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(questions);
        ArgumentNullException.ThrowIfNull(tier);
        ArgumentNullException.ThrowIfNull(higher);
        return questions.Via("cascade", new CascadeBlock(tier, (options ?? new()).Checked()),
            static (CascadeBlock block, OperatorContext context, IOutput<CascadeAnswer> answers, IOutput<CascadeQuestion> asked,
                IOutput<CascadeLesson> lessons) => new Cascade(block, context, answers, asked, lessons)).ControlledBy(higher);
    }

    /// <summary>Answers each question: the last tier of a cascade.</summary>
    /// <remarks>Shape: one answer for each question. State: none. Cost: an answer of the tier. Emits: one message per message.</remarks>
    /// <param name="questions">The questions.</param>
    /// <param name="tier">The tier.</param>
    /// <param name="number">Its number in its answers, from 1; default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is less than 1.</exception>
    public static Flow<CascadeAnswer> ServeTier(this Flow<CascadeQuestion> questions, ICascadeTier tier, int number = 1)
    {
        ArgumentNullException.ThrowIfNull(questions);
        ArgumentNullException.ThrowIfNull(tier);
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        return questions.Via("serve-tier", new ServeTierBlock(tier, number),
            static (ServeTierBlock block, OperatorContext context, IOutput<CascadeAnswer> output) =>
                new ServeTier(block, context, output));
    }

    /// <summary>Makes a question of each row: its float32 columns in their order, with their labels and that of the row.</summary>
    /// <remarks>Shape: a batch of rows in, a question for each row out. State: none, but the number of rows without a key. Cost: a copy of
    /// the values. Emits: a message for each row. Drops: <c>schema</c>.</remarks>
    /// <param name="rows">The rows.</param>
    /// <param name="key">The int64 column that is the key; default the event time.</param>
    /// <param name="maxRows">Rows of a batch at most, at least 1; one with more throws. Default 1,024.</param>
    /// <exception cref="ArgumentException">The key is empty, or the number of rows less than 1.</exception>
    public static Flow<CascadeQuestion> ToQuestions(this Flow<Batch> rows, string key = Schema.TimeColumn, int maxRows = 1024)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRows, 1);
        return rows.Via("to-questions", new RowQuestionsBlock(key, maxRows),
            static (RowQuestionsBlock block, OperatorContext context, IOutput<CascadeQuestion> output) =>
                new RowQuestions(block, context, output));
    }
}
