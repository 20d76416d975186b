using System.Reflection;
using HeartSound.Edge.Health;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Tests;

public sealed class LogMessagesTests
{
    [Fact]
    public void EventIds_OfAllMessages_AreDifferent()
    {
        var ids = typeof(DeviceHealth).Assembly.GetTypes()
            .SelectMany(t => t.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Select(m => (Method: $"{m.DeclaringType!.Name}.{m.Name}", Id: m.GetCustomAttribute<LoggerMessageAttribute>()?.EventId))
            .Where(m => m.Id is not null).ToList();
        Assert.True(ids.Count > 20);
        Assert.Empty(ids.GroupBy(m => m.Id).Where(g => g.Count() > 1).Select(g => string.Join(" and ", g.Select(m => m.Method))));
    }
}
