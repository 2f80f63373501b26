using System.Globalization;
using System.Text;

namespace StreamLearn.Nodes;

internal static class PlanTable
{
    internal static string Of(Plan plan)
    {
        string[] places = [.. plan.Routes.Select(static route => route.MissingBytes > 0
            ? string.Create(CultureInfo.InvariantCulture, $"no room: {route.MissingBytes:N0} bytes short")
            : string.Join(", ", route.Ranges))];
        var device = Math.Max("device".Length, plan.Routes.Select(static route => route.Device.Length).DefaultIfEmpty().Max());
        var layers = Math.Max("layers".Length, places.Select(static place => place.Length).DefaultIfEmpty().Max());
        var text = new StringBuilder();
        Row("device", "layers", "s/batch", "s/round", "J/round", "MB up", "MB down", "memory");
        for (var i = 0; i < places.Length; i++)
        {
            var cost = plan.Routes[i].Cost;
            Row(plan.Routes[i].Device, places[i], Number(cost.BatchSeconds, "F3"), Number(cost.Seconds, "F1"), Number(cost.Joules, "F1"),
                Number(cost.BytesUp / 1e6, "F2"), Number(cost.BytesDown / 1e6, "F2"), Memory(cost));
        }

        Row("total", "", "", Number(plan.Seconds, "F1"), Number(plan.Joules, "F1"), "", "", "");
        return text.ToString().TrimEnd();

        void Row(string name, string place, string batch, string round, string joules, string up, string down, string memory) =>
            text.Append(name.PadRight(device)).Append("  ").Append(place.PadRight(layers))
                .Append(CultureInfo.InvariantCulture, $"  {batch,8}  {round,9}  {joules,9}  {up,9}  {down,9}  {memory}").Append('\n');
    }

    private static string Memory(PlanCost cost) => string.Join(", ", cost.Memory.Select(static memory =>
        string.Create(CultureInfo.InvariantCulture, $"{memory.Node} {memory.Bytes / 1e6:F2} MB")));

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
