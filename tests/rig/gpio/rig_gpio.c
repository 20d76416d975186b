// SPDX-License-Identifier: GPL-2.0
/*
 * rig_gpio: a /dev/gpiochipN of 16 lines whose pins a test reads and drives through sysfs,
 * in /sys/devices/platform/rig_gpio:
 *
 *   out  hex mask of what the device under test drives, outputs only            [read]
 *   dir  hex mask of the lines that are outputs                                 [read]
 *   in   hex mask of what the outside world (buttons) drives; edges interrupt   [read, write]
 *   dead hex mask of the lines that read low whatever drives them (a wrong pin-mux) [read, write]
 *   log  every change of the outputs: "<CLOCK_MONOTONIC, microseconds> <mask>"  [read; a write clears]
 *
 * Lines that are set together change together and make one entry in the log.
 */
#include <linux/gpio/driver.h>
#include <linux/irq.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/platform_device.h>

#define RIG_LINES 16
#define RIG_ENTRIES 8192
#define RIG_ENTRY_CHARS 24 /* "%018lld %04x\n" */

struct rig_entry {
	s64 us;
	u32 out;
};

static struct gpio_chip rig_chip;
static struct platform_device *rig_device;
static DEFINE_SPINLOCK(rig_lock); /* guards all that follows */
static u32 rig_out, rig_dir, rig_in, rig_dead, rig_rising, rig_falling, rig_masked;
static struct rig_entry rig_log[RIG_ENTRIES];
static unsigned int rig_logged; /* entries since the log was cleared; the log keeps the first RIG_ENTRIES */

static void rig_put(u32 out)
{
	if (out == rig_out)
		return;
	rig_out = out;
	if (rig_logged < RIG_ENTRIES) {
		rig_log[rig_logged].us = ktime_to_us(ktime_get());
		rig_log[rig_logged].out = out;
		rig_logged++;
	}
}

/* The chip as the GPIO library sees it */

static int rig_get_direction(struct gpio_chip *chip, unsigned int line)
{
	return rig_dir & BIT(line) ? GPIO_LINE_DIRECTION_OUT : GPIO_LINE_DIRECTION_IN;
}

static int rig_get(struct gpio_chip *chip, unsigned int line)
{
	return !!((rig_dir & BIT(line) ? rig_out : rig_in) & ~rig_dead & BIT(line));
}

static void rig_set_multiple(struct gpio_chip *chip, unsigned long *mask, unsigned long *bits)
{
	unsigned long flags;

	spin_lock_irqsave(&rig_lock, flags);
	rig_put((rig_out & ~(u32)*mask) | ((u32)*bits & (u32)*mask));
	spin_unlock_irqrestore(&rig_lock, flags);
}

static void rig_set(struct gpio_chip *chip, unsigned int line, int value)
{
	unsigned long mask = BIT(line), bits = value ? mask : 0;

	rig_set_multiple(chip, &mask, &bits);
}

static int rig_direction_input(struct gpio_chip *chip, unsigned int line)
{
	unsigned long flags;

	spin_lock_irqsave(&rig_lock, flags);
	rig_dir &= ~BIT(line);
	spin_unlock_irqrestore(&rig_lock, flags);
	return 0;
}

static int rig_direction_output(struct gpio_chip *chip, unsigned int line, int value)
{
	unsigned long flags;

	rig_set(chip, line, value);
	spin_lock_irqsave(&rig_lock, flags);
	rig_dir |= BIT(line);
	spin_unlock_irqrestore(&rig_lock, flags);
	return 0;
}

/* Edges of the inputs as interrupts */

static void rig_irq_mask(struct irq_data *data)
{
	rig_masked |= BIT(irqd_to_hwirq(data));
	gpiochip_disable_irq(&rig_chip, irqd_to_hwirq(data));
}

static void rig_irq_unmask(struct irq_data *data)
{
	gpiochip_enable_irq(&rig_chip, irqd_to_hwirq(data));
	rig_masked &= ~BIT(irqd_to_hwirq(data));
}

static void rig_irq_ack(struct irq_data *data)
{
}

static int rig_irq_set_type(struct irq_data *data, unsigned int type)
{
	u32 line = BIT(irqd_to_hwirq(data));

	if (type & IRQ_TYPE_LEVEL_MASK)
		return -EINVAL;
	rig_rising = type & IRQ_TYPE_EDGE_RISING ? rig_rising | line : rig_rising & ~line;
	rig_falling = type & IRQ_TYPE_EDGE_FALLING ? rig_falling | line : rig_falling & ~line;
	return 0;
}

static const struct irq_chip rig_irq_chip = {
	.name = "rig_gpio",
	.irq_ack = rig_irq_ack,
	.irq_mask = rig_irq_mask,
	.irq_unmask = rig_irq_unmask,
	.irq_set_type = rig_irq_set_type,
	.flags = IRQCHIP_IMMUTABLE,
	GPIOCHIP_IRQ_RESOURCE_HELPERS,
};

/* What the test sees */

static ssize_t out_show(struct device *device, struct device_attribute *attribute, char *text)
{
	return sysfs_emit(text, "%04x\n", rig_out & rig_dir);
}
static DEVICE_ATTR_RO(out);

static ssize_t dir_show(struct device *device, struct device_attribute *attribute, char *text)
{
	return sysfs_emit(text, "%04x\n", rig_dir);
}
static DEVICE_ATTR_RO(dir);

static ssize_t in_show(struct device *device, struct device_attribute *attribute, char *text)
{
	return sysfs_emit(text, "%04x\n", rig_in);
}

static ssize_t in_store(struct device *device, struct device_attribute *attribute, const char *text, size_t count)
{
	u32 value, changed, hit;
	unsigned long flags;
	int line;

	if (kstrtou32(text, 16, &value))
		return -EINVAL;
	value &= GENMASK(RIG_LINES - 1, 0);

	spin_lock_irqsave(&rig_lock, flags);
	changed = value ^ rig_in;
	rig_in = value;
	hit = ((changed & value & rig_rising) | (changed & ~value & rig_falling)) & ~rig_masked;
	spin_unlock_irqrestore(&rig_lock, flags);

	local_irq_save(flags);
	for (line = 0; line < RIG_LINES; line++)
		if (hit & BIT(line))
			generic_handle_domain_irq(rig_chip.irq.domain, line);
	local_irq_restore(flags);
	return count;
}
static DEVICE_ATTR_RW(in);

static ssize_t dead_show(struct device *device, struct device_attribute *attribute, char *text)
{
	return sysfs_emit(text, "%04x\n", rig_dead);
}

static ssize_t dead_store(struct device *device, struct device_attribute *attribute, const char *text, size_t count)
{
	return kstrtou32(text, 16, &rig_dead) ? -EINVAL : count;
}
static DEVICE_ATTR_RW(dead);

static struct attribute *rig_attributes[] = { &dev_attr_out.attr, &dev_attr_dir.attr, &dev_attr_in.attr, &dev_attr_dead.attr, NULL };

/* Every entry takes as many characters, so a place in the file is a place in the log. */
static ssize_t log_read(struct file *file, struct kobject *object, struct bin_attribute *attribute, char *text, loff_t at, size_t count)
{
	char line[RIG_ENTRY_CHARS + 1];
	unsigned long flags;
	size_t done = 0;

	while (done < count) {
		size_t entry = ((size_t)at + done) / RIG_ENTRY_CHARS, from = ((size_t)at + done) % RIG_ENTRY_CHARS, part;
		bool there;

		spin_lock_irqsave(&rig_lock, flags);
		there = entry < rig_logged;
		if (there)
			snprintf(line, sizeof(line), "%018lld %04x\n", rig_log[entry].us, rig_log[entry].out);
		spin_unlock_irqrestore(&rig_lock, flags);
		if (!there)
			break;
		part = min(count - done, RIG_ENTRY_CHARS - from);
		memcpy(text + done, line + from, part);
		done += part;
	}
	return done;
}

static ssize_t log_write(struct file *file, struct kobject *object, struct bin_attribute *attribute, char *text, loff_t at, size_t count)
{
	unsigned long flags;

	spin_lock_irqsave(&rig_lock, flags);
	rig_logged = 0;
	spin_unlock_irqrestore(&rig_lock, flags);
	return count;
}
static BIN_ATTR_RW(log, 0);

static struct bin_attribute *rig_bin_attributes[] = { &bin_attr_log, NULL };

static const struct attribute_group rig_group = { .attrs = rig_attributes, .bin_attrs = rig_bin_attributes };
static const struct attribute_group *rig_groups[] = { &rig_group, NULL };

static int __init rig_init(void)
{
	struct gpio_irq_chip *irq = &rig_chip.irq;
	int error;

	rig_in = GENMASK(RIG_LINES - 1, 0); /* pulled up, nobody touches anything */
	rig_device = platform_device_register_simple("rig_gpio", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(rig_device))
		return PTR_ERR(rig_device);
	error = device_add_groups(&rig_device->dev, rig_groups);
	if (error)
		goto unregister;

	rig_chip.label = "rig-gpio";
	rig_chip.parent = &rig_device->dev;
	rig_chip.owner = THIS_MODULE;
	rig_chip.base = -1;
	rig_chip.ngpio = RIG_LINES;
	rig_chip.get_direction = rig_get_direction;
	rig_chip.direction_input = rig_direction_input;
	rig_chip.direction_output = rig_direction_output;
	rig_chip.get = rig_get;
	rig_chip.set = rig_set;
	rig_chip.set_multiple = rig_set_multiple;
	gpio_irq_chip_set_chip(irq, &rig_irq_chip);
	irq->handler = handle_edge_irq;
	irq->default_type = IRQ_TYPE_NONE;
	error = gpiochip_add_data(&rig_chip, NULL);
	if (!error)
		return 0;

	device_remove_groups(&rig_device->dev, rig_groups);
unregister:
	platform_device_unregister(rig_device);
	return error;
}

static void __exit rig_exit(void)
{
	gpiochip_remove(&rig_chip);
	device_remove_groups(&rig_device->dev, rig_groups);
	platform_device_unregister(rig_device);
}

module_init(rig_init);
module_exit(rig_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("virtual GPIO chip for a device test rig");
